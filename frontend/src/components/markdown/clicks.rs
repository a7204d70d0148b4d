//! The buttons within a text. One listener for the whole text serves all of them.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, MouseEvent};

use super::MarkdownLabels;
use crate::{
    browser::clipboard,
    components::artifacts::{Artifact, Artifacts, Kind},
};

/// How long a button shows "Copied".
const SHOWN: Duration = Duration::from_secs(2);

/// Prepares for a click on the button under the pointer or with the focus.
pub(super) fn foresee(event: &Event, artifacts: Option<Artifacts>) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if let (Some(artifacts), Some(target)) = (artifacts, target)
        && target.closest(".md-expand").is_ok_and(|button| button.is_some())
    {
        artifacts.prepare();
    }
}

/// Handles a click anywhere in a text.
pub(super) fn answer(
    event: &MouseEvent,
    labels: Signal<&'static MarkdownLabels>,
    artifacts: Option<Artifacts>,
) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(button) = target.closest("button").ok().flatten() else { return };
    let Some(root) = button.closest(".md").ok().flatten() else { return };
    match button.class_name().as_str() {
        "md-copy" => copy_code(button, labels.get_untracked()),
        "md-expand" => _ = artifacts.and_then(|artifacts| expand(button, artifacts)),
        "md-footnote-reference" => {
            if let Some(label) = button.get_attribute("data-md-reference") {
                go_to(&root, "data-md-note", &label);
            }
        }
        "md-footnote-back" => {
            let note = button.closest(".md-footnote").ok().flatten();
            if let Some(label) = note.and_then(|note| note.get_attribute("data-md-note")) {
                go_to(&root, "data-md-reference", &label);
            }
        }
        _ => {}
    }
}

/// Shows what a code makes beside the conversation.
fn expand(button: Element, artifacts: Artifacts) -> Option<()> {
    let block = button.closest(".md-code").ok().flatten()?;
    let text = |selector| block.query_selector(selector).ok().flatten()?.text_content();
    let kind = Kind::of(&text(".md-code-language")?)?;
    artifacts.show(&Artifact { kind, source: text("code")? }, button.dyn_into().ok()?);
    Some(())
}

fn copy_code(button: Element, labels: &'static MarkdownLabels) {
    let block = button.closest(".md-code").ok().flatten();
    let code = block.and_then(|block| block.query_selector("code").ok().flatten());
    let Some(code) = code.and_then(|code| code.text_content()) else { return };
    spawn_local(async move {
        // With a line break at the end, a terminal would run a pasted command immediately.
        if clipboard::copy(code.strip_suffix('\n').unwrap_or(&code)).await {
            button.set_text_content(Some(labels.copied));
            set_timeout(move || button.set_text_content(Some(labels.copy)), SHOWN);
        }
    });
}

/// Focuses the first element with `label`, which also scrolls to it.
fn go_to(root: &Element, attribute: &str, label: &str) {
    let Ok(candidates) = root.query_selector_all(&format!("[{attribute}]")) else { return };
    let target = (0..candidates.length())
        .filter_map(|index| candidates.item(index)?.dyn_into::<HtmlElement>().ok())
        .find(|element| element.get_attribute(attribute).as_deref() == Some(label));
    if let Some(target) = target {
        // An element that cannot be focused leaves the focus where it is.
        _ = target.focus();
    }
}
