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
    let fill = move |element: &Element| {
        let renderer = Renderer::new(labels.get());
        element.set_text_content(None);
        text.with(|text| {
            for (index, block) in parse(text).iter().enumerate() {
                let (part, at) = dom::part(element, index);
                dom::put(&part, at, &renderer.block(block));
            }
        });
    };
    let effect = StoredValue::new_local(None);
    let mount = move |element: Element, (): ()| {
        effect.set_value(Some(RenderEffect::new(move |_| fill(&element))));
    };
    frame(labels, mount)
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
    let effects = StoredValue::new_local(None);
    let mount = move |element: Element, (): ()| {
        let mut first = Painter::new(element, source.clone(), labels.get_untracked());
        first.paint();
        painter.set_value(Some(first));
        let feed = source.clone();
        let follow = RenderEffect::new(move |_| {
            feed.track();
            with(painter, |shown| shown.schedule(move || with(painter, Painter::paint)));
        });
        let relabel = RenderEffect::new(move |_| {
            let labels = labels.get();
            with(painter, |painter| painter.relabel(labels));
        });
        effects.set_value(Some((follow, relabel)));
    };
    // A page in the background gets no frames: what one was asked for is painted before it goes there.
    let hidden = window_event_listener_untyped("visibilitychange", move |_| with(painter, Painter::flush));
    on_cleanup(move || hidden.remove());
    frame(labels, mount)
}

/// The element of a text. `mount` gets it at once, so that a conversation has its height before it is scrolled.
fn frame(labels: Signal<MarkdownLabels>, mount: impl Fn(Element, ()) + Clone + 'static) -> impl IntoView {
    html::div()
        .class("md")
        .on(ev::click, move |event| clicks::answer(&event, labels))
        .directive(mount, ())
        // An element without children would get a comment as its child, and all places would be off by one.
        .child([(); 0])
}

/// Does something with a painter. One that is gone with its component has nothing left to do.
fn with(painter: StoredValue<Option<Painter>, LocalStorage>, act: impl FnOnce(&mut Painter)) {
    _ = painter.try_update_value(|painter| painter.as_mut().map(act));
}
