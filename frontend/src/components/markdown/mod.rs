//! Markdown as a reader sees it.
//!
//! [`Markdown`] shows a text that is settled, [`StreamingMarkdown`] one that still grows and that a [`MarkdownFeed`]
//! brings. Both build the page's nodes themselves, one for each node of the tree that `kaiwa_markdown` gives, and never
//! hand the browser any HTML: nothing that a model writes can become markup.
//!
//! - `render` builds the nodes of a block;
//! - `patch` brings the nodes of one block to another one, touching only what differs;
//! - `painter` keeps a growing text on the page, once a frame at most;
//! - `clicks` answers to the buttons within the text.

mod clicks;
mod dom;
mod feed;
mod labels;
mod painter;
mod patch;
mod render;

use kaiwa_markdown::parse;
use leptos::{ev, html, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use web_sys::Element;

pub use self::{feed::MarkdownFeed, labels::MarkdownLabels};
use self::{painter::Painter, render::Renderer};

/// A text that is settled. It is rendered as it is mounted, and again when it changes.
#[component]
pub fn Markdown(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The words that the text is shown with.
    #[prop(into)]
    labels: Signal<MarkdownLabels>,
) -> impl IntoView {
    let root = StoredValue::new_local(None::<Element>);
    let fill = move |element: &Element| {
        let renderer = Renderer::new(labels.get_untracked());
        element.set_text_content(None);
        text.with_untracked(|text| {
            for block in parse(text) {
                dom::append(element, &renderer.block(&block));
            }
        });
    };
    let mount = move |element: Element, (): ()| {
        fill(&element);
        root.set_value(Some(element));
    };
    let changed = move || {
        text.track();
        labels.track();
    };
    let refill = move |(): &(), _: Option<&()>, _: Option<()>| {
        root.with_value(|root| root.iter().for_each(&fill));
    };
    Effect::watch(changed, refill, false);
    html::div().class("md").on(ev::click, move |event| clicks::answer(&event, labels)).directive(mount, ())
}

/// A text that grows. It is painted at most once a frame, and what is settled in it is never touched again, so that a
/// selection in it stays. The component may stay when the text has ended: it then shows what [`Markdown`] would.
#[component]
pub fn StreamingMarkdown(
    /// What brings the text.
    source: MarkdownFeed,
    /// The words that the text is shown with.
    #[prop(into)]
    labels: Signal<MarkdownLabels>,
) -> impl IntoView {
    let painter = StoredValue::new_local(None::<Painter>);
    let feed = source.clone();
    let mount = move |element: Element, (): ()| {
        let mut first = Painter::new(element, source.clone(), labels.get_untracked());
        first.paint();
        painter.set_value(Some(first));
    };
    // A painter that is gone with its component has nothing left to paint.
    let paint = move || {
        painter.try_update_value(|painter| painter.iter_mut().for_each(Painter::paint));
    };
    let schedule = move |is_finished: bool| {
        painter.try_update_value(|painter| {
            painter.iter_mut().for_each(|painter| painter.schedule(is_finished, paint))
        });
    };
    let is_finished = move || {
        feed.track();
        feed.is_finished()
    };
    Effect::watch(is_finished, move |finished: &bool, _, _: Option<()>| schedule(*finished), false);
    let relabel = move |labels: &MarkdownLabels, _: Option<&MarkdownLabels>, _: Option<()>| {
        painter.update_value(|painter| painter.iter_mut().for_each(|painter| painter.relabel(*labels)));
    };
    Effect::watch(move || labels.get(), relabel, false);
    // A page in the background gets no frames: what one was asked for is painted before it goes there.
    let hidden = window_event_listener_untyped("visibilitychange", move |_| {
        painter.try_update_value(|painter| painter.iter_mut().for_each(Painter::flush));
    });
    on_cleanup(move || hidden.remove());
    html::div().class("md").on(ev::click, move |event| clicks::answer(&event, labels)).directive(mount, ())
}
