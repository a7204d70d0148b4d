//! Rendered Markdown.
//!
//! [`Markdown`] shows a complete text, [`StreamingMarkdown`] a growing one from a [`MarkdownFeed`]. Both build DOM nodes
//! from the tree that `kaiwa_markdown` returns and never pass HTML to the browser: nothing that a model writes can become
//! markup.
//!
//! - `render` builds the nodes of a block;
//! - `patch` updates the nodes of one block to another, touching only the differences;
//! - `painter` paints a growing text, at most once a frame;
//! - `clicks` handles the buttons within the text;
//! - `typed` shows what a person wrote: verbatim, except for code;
//! - `decorate` colours code, sets formulas, draws diagrams and runs previews, by modules that are loaded on demand
//!   (`frontend/lazy`).

mod clicks;
mod decorate;
mod dom;
mod feed;
mod labels;
mod painter;
mod patch;
mod render;
mod typed;

use kaiwa_markdown::{language_of, parse};
use leptos::{ev, html, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use web_sys::Element;

use self::{decorate::decorate, painter::Painter, render::Renderer};
pub use self::{feed::MarkdownFeed, labels::MarkdownLabels};
use super::artifacts::use_artifacts;

/// A complete text. It is rendered when it is mounted and when it changes.
#[component]
pub fn Markdown(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The labels in the user's language.
    #[prop(into)]
    labels: Signal<&'static MarkdownLabels>,
) -> impl IntoView {
    let fill = move |element: &Element| {
        let renderer = Renderer::new(labels.get());
        element.set_text_content(None);
        text.with(|text| {
            set_language(element, text);
            for (index, block) in parse(text).iter().enumerate() {
                let (part, at) = dom::part(element, index);
                dom::put(&part, at, &renderer.block(block));
            }
        });
        decorate(element);
    };
    let effect = StoredValue::new_local(None);
    let mount = move |element: Element, (): ()| {
        effect.set_value(Some(RenderEffect::new(move |_| fill(&element))));
    };
    frame(labels, mount)
}

/// A growing text. It is painted at most once a frame, and settled blocks are never touched again, so that selections
/// survive. When the text is complete, it shows what [`Markdown`] would.
#[component]
pub fn StreamingMarkdown(
    /// The feed of the text.
    source: MarkdownFeed,
    /// The labels in the user's language.
    #[prop(into)]
    labels: Signal<&'static MarkdownLabels>,
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
    // Background pages get no frames, so a pending one is painted before.
    let hidden = window_event_listener_untyped("visibilitychange", move |_| with(painter, Painter::flush));
    on_cleanup(move || hidden.remove());
    frame(labels, mount)
}

/// What a person wrote: verbatim, except for code. A long text is folded.
#[component]
pub fn Typed(
    /// The text.
    text: Signal<String>,
    /// The labels in the user's language.
    labels: Signal<&'static MarkdownLabels>,
) -> impl IntoView {
    let effect = StoredValue::new_local(None);
    let mount = move |element: Element, (): ()| {
        effect.set_value(Some(RenderEffect::new(move |_| typed::fill(&element, &text.read(), labels.get()))));
    };
    frame(labels, mount)
}

/// Says which language a text is in, as far as its script tells.
fn set_language(element: &Element, text: &str) {
    match language_of(text) {
        Some(language) => dom::set(element, "lang", language),
        // An element always may lose an attribute.
        None => _ = element.remove_attribute("lang"),
    }
}

/// The element of a text. `mount` gets it immediately, so that a conversation has its height before it is scrolled.
fn frame(
    labels: Signal<&'static MarkdownLabels>,
    mount: impl Fn(Element, ()) + Clone + 'static,
) -> impl IntoView {
    let artifacts = use_artifacts();
    html::div()
        .class("md")
        .on(ev::click, move |event| clicks::answer(&event, labels, artifacts))
        .on(ev::pointerover, move |event| clicks::foresee(&event, artifacts))
        .on(ev::focusin, move |event| clicks::foresee(&event, artifacts))
        .directive(mount, ())
        // Without this, the element would get a comment node as its first child, and all indices would be off by one.
        .child([(); 0])
}

/// Uses a painter, unless its component is gone.
fn with(painter: StoredValue<Option<Painter>, LocalStorage>, act: impl FnOnce(&mut Painter)) {
    _ = painter.try_update_value(|painter| painter.as_mut().map(act));
}
