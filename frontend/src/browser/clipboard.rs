//! Copying text.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

/// Copies `text` and returns whether it worked.
pub async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // A page served over plain HTTP, as on many home networks, has no clipboard object.
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return copy_by_selection(text).is_some();
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok() || copy_by_selection(text).is_some()
}

fn copy_by_selection(text: &str) -> Option<()> {
    let document: HtmlDocument = document().dyn_into().ok()?;
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    field.set_class_name("visually-hidden");
    let focused = document.active_element();
    document.body()?.append_child(&field).ok()?;
    field.select();
    let copied = document.exec_command("copy").unwrap_or(false);
    field.remove();
    if let Some(element) = focused.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        super::page::focus(&element);
    }
    copied.then_some(())
}
