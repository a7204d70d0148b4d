//! The panel beside the conversation.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

use super::{Artifact, Artifacts, Kind, Open, SHEET};
use crate::{
    browser::{keyboard::is_composing, page},
    components::{
        controls::{copy_button, icon_button},
        icon::Icon,
        markdown::Markdown,
    },
    i18n::{Words, t, use_locale},
};

#[wasm_bindgen(module = "/src/components/artifacts/show.js")]
extern "C" {
    /// Shows a source in `place`, and its errors in `note`.
    fn show(place: &HtmlElement, note: &HtmlElement, kind: &str, source: &str, title: &str);
    /// Saves a text as a file.
    fn save(name: &str, text: &str);
}

/// The panel.
pub(crate) fn panel(artifacts: Artifacts) -> AnyView {
    let locale = use_locale();
    let panel = NodeRef::<html::Dialog>::new();
    let shows_code = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        artifacts.open.read().as_ref().and_then(|open: &Open| open.versions.get(open.at).cloned())
    });
    let title = Memo::new(move |_| shown.read().as_ref().map(|shown| title_of(shown, locale.words())));
    let title = Signal::derive(move || title.get().unwrap_or_default());
    Effect::new(move |_| {
        let Some(panel) = panel.get() else { return };
        if page::matches(SHEET) {
            // Fails only if the panel is already open.
            _ = panel.show_modal();
        } else {
            panel.show();
        }
        page::focus_on(".artifact-panel .close");
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() && !is_composing(&event) {
            event.prevent_default();
            artifacts.close();
        }
    });
    on_cleanup(move || escape.remove());
    view! {
        <dialog class="artifact-panel" node_ref=panel aria-label=title on:close=move |_| artifacts.close()>
            <header class="artifact-head">
                <h2 class="artifact-title" dir="auto">{title}</h2>
                {versions(artifacts)}
                {tools(artifacts, shown, title, shows_code)}
            </header>
            {preview(shown, title, shows_code)}
            {move || shows_code.get().then(|| code(shown))}
        </dialog>
    }
    .into_any()
}

/// The result, and its last error.
fn preview(shown: Memo<Option<Artifact>>, title: Signal<String>, shows_code: RwSignal<bool>) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    let note = NodeRef::<html::P>::new();
    Effect::new(move |_| {
        if let (Some(shown), Some(place), Some(note)) = (shown.get(), place.get(), note.get()) {
            show(&place, &note, shown.kind.label(), &shown.source, &title.get_untracked());
        }
    });
    view! {
        <div
            class="artifact-body"
            node_ref=place
            hidden=shows_code
            data-error=t(|words| words.message.markdown.preview_error)
            data-blocked=t(|words| words.message.markdown.preview_blocked)
            data-left=t(|words| words.message.markdown.preview_left)
            data-refused=t(|words| words.message.markdown.diagram_refused)
            data-zoom=t(|words| words.artifacts.zoom)
        ></div>
        <p class="artifact-note" role="status" node_ref=note hidden></p>
    }
    .into_any()
}

fn code(shown: Memo<Option<Artifact>>) -> AnyView {
    let locale = use_locale();
    let text = Signal::derive(move || shown.read().as_ref().map(fenced).unwrap_or_default());
    let labels = Signal::derive(move || &locale.words().message.markdown);
    view! { <div class="artifact-code"><Markdown text labels/></div> }.into_any()
}

/// Arrows between the versions, if there are several.
fn versions(artifacts: Artifacts) -> AnyView {
    let locale = use_locale();
    let place = Memo::new(move |_| {
        let open = artifacts.open.read();
        open.as_ref().map(|open| (open.at, open.versions.len())).filter(|(_, count)| *count > 1)
    });
    let has_versions = Memo::new(move |_| place.get().is_some());
    let arrow = move |icon, label, step: fn(usize, usize) -> Option<usize>| {
        let target = Signal::derive(move || place.get().and_then(|(at, count)| step(at, count)));
        let disabled = Signal::derive(move || target.get().is_none());
        let act = Callback::new(move |()| {
            if let Some(at) = target.get_untracked() {
                artifacts.go_to(at);
            }
        });
        icon_button(icon, "", label, disabled, act)
    };
    let number = move || place.get().map(|(at, count)| format!("{}/{count}", at + 1));
    let name = move || place.get().map(|(at, count)| (locale.words().message.version_of)(at + 1, count));
    let shown = move || {
        has_versions.get().then(|| {
            view! {
                <span class="artifact-versions">
                    {arrow(Icon::ChevronLeft, t(|words| words.message.previous_version), |at, _| at.checked_sub(1))}
                    <span role="status" aria-label=name>{number}</span>
                    {arrow(Icon::ChevronRight, t(|words| words.message.next_version), |at, count| {
                        Some(at + 1).filter(|next| *next < count)
                    })}
                </span>
            }
            .into_any()
        })
    };
    shown.into_any()
}

/// The buttons.
fn tools(
    artifacts: Artifacts,
    shown: Memo<Option<Artifact>>,
    title: Signal<String>,
    shows_code: RwSignal<bool>,
) -> AnyView {
    let locale = use_locale();
    let never = Signal::stored(false);
    let source = Callback::new(move |()| {
        shown.with_untracked(|shown| shown.as_ref().map(|shown| shown.source.clone()).unwrap_or_default())
    });
    let download = Callback::new(move |()| {
        if let Some(shown) = shown.get_untracked() {
            save(&format!("{}.{}", title.get_untracked(), shown.kind.extension()), &shown.source);
        }
    });
    let toggle = move || {
        let words = &locale.words().artifacts;
        if shows_code.get() { words.preview } else { words.code }
    };
    view! {
        <button type="button" class="button small quiet" on:click=move |_| shows_code.update(|shown| *shown = !*shown)>
            {toggle}
        </button>
        {copy_button(t(|words| words.message.markdown.copy), source)}
        {icon_button(Icon::ArrowDown, "", t(|words| words.message.markdown.download), never, download)}
        {icon_button(
            Icon::Close,
            "close",
            t(|words| words.artifacts.close),
            never,
            Callback::new(move |()| artifacts.close()),
        )}
    }
    .into_any()
}

fn title_of(artifact: &Artifact, words: &Words) -> String {
    artifact.title().unwrap_or_else(|| {
        let name = match artifact.kind {
            Kind::Html => words.artifacts.page,
            Kind::Svg => words.artifacts.drawing,
            Kind::Mermaid => words.artifacts.diagram,
        };
        name.to_owned()
    })
}

/// The code as Markdown, in a fence that is longer than any in it.
fn fenced(artifact: &Artifact) -> String {
    let longest = artifact.source.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{}\n{}\n{fence}", artifact.kind.label(), artifact.source.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use kaiwa_markdown::{Block, parse};

    use super::*;

    #[test]
    fn code_survives_its_fence() {
        for source in ["<p>x</p>", "```\ninner\n```", "a ````` b", ""] {
            let artifact = Artifact { kind: Kind::Html, source: source.to_owned() };
            let blocks = parse(&fenced(&artifact));
            let [Block::Code { code, .. }] = blocks.as_slice() else { panic!("{source} is not code") };
            assert_eq!(code.trim_end_matches('\n'), source);
        }
    }
}
