//! Changes to a text field that its own undo takes back.

use js_sys::{JsString, Reflect};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

use super::page;

/// Makes a field as high as its text, in browsers that do not do so by themselves; the style sheet limits it.
pub fn fit(field: &HtmlTextAreaElement) {
    if web_sys::css::supports_with_value("field-sizing", "content").unwrap_or(false) {
        return;
    }
    // Otherwise the current height would count as needed.
    _ = web_sys::HtmlElement::style(field).set_property("height", "auto");
    page::set_pixels(field, "height", field.scroll_height().into());
}

/// The last `units` UTF-16 units before the caret; `None` while text is selected. The rest of a long text is not copied.
pub fn before_caret(field: &HtmlTextAreaElement, units: u32) -> Option<String> {
    let caret = field.selection_start().ok().flatten()?;
    let end = field.selection_end().ok().flatten()?;
    let value: JsString = Reflect::get(field, &"value".into()).ok()?.dyn_into().ok()?;
    (caret == end).then(|| value.slice(caret.saturating_sub(units), caret).into())
}

/// The position of the caret, or of the end of the selection, in UTF-16 units.
pub fn caret(field: &HtmlTextAreaElement) -> u32 {
    field.selection_end().ok().flatten().unwrap_or_default()
}

/// The text from a position on, in UTF-16 units.
pub fn after(field: &HtmlTextAreaElement, from: u32) -> Option<String> {
    let value: JsString = Reflect::get(field, &"value".into()).ok()?.dyn_into().ok()?;
    Some(value.slice(from, u32::MAX).into())
}

/// Replaces the last `units` UTF-16 units before the caret by `text`.
pub fn replace_before_caret(field: &HtmlTextAreaElement, units: u32, text: &str) {
    if let Ok(Some(caret)) = field.selection_start() {
        // Fails only for fields without a selection.
        _ = field.set_selection_range(caret.saturating_sub(units), caret);
    }
    insert(field, text);
}

/// Adds `text` at the end.
pub fn append(field: &HtmlTextAreaElement, text: &str) {
    // Both are limited by the length of the text.
    _ = field.set_selection_range(u32::MAX, u32::MAX);
    insert(field, text);
}

/// Replaces the selection by `text`, as if the user typed it.
fn insert(field: &HtmlTextAreaElement, text: &str) {
    page::focus(field);
    let document = document().dyn_into::<HtmlDocument>();
    let command = if text.is_empty() { "delete" } else { "insertText" };
    // Deprecated, and the only way that undo knows.
    let is_done = document
        .is_ok_and(|document| document.exec_command_with_show_ui_and_value(command, false, text) == Ok(true));
    if !is_done && field.set_range_text(text).is_ok() {
        let init = web_sys::EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict("input", &init) {
            _ = field.dispatch_event(&event);
        }
    }
}
