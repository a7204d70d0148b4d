//! The text that the user has selected.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{ClipboardEvent, ClipboardEventInit, DataTransfer, DomRect, Element, Node, Range};

/// Calls `changed` whenever the selection changes, as long as its owner lives.
pub fn on_change(changed: impl FnMut() + 'static) {
    let listener = Closure::<dyn FnMut()>::new(changed);
    // Fails only without a document.
    _ = document().add_event_listener_with_callback("selectionchange", listener.as_ref().unchecked_ref());
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        listener.try_with_value(|listener| {
            _ = document()
                .remove_event_listener_with_callback("selectionchange", listener.as_ref().unchecked_ref());
        });
    });
}

/// Where the selection is, if it is not empty and within one element that matches `selector`.
pub fn place_within(selector: &str) -> Option<DomRect> {
    let range = range()?;
    let inside = |node: Node| {
        let element = node.dyn_ref::<Element>().cloned().or_else(|| node.parent_element())?;
        element.closest(selector).ok().flatten()
    };
    let first = inside(range.start_container().ok()?)?;
    (Some(first) == inside(range.end_container().ok()?)).then(|| range.get_bounding_client_rect())
}

/// The selected text as it would be copied: with formulas as their source.
pub fn text() -> Option<String> {
    range()?;
    let data = DataTransfer::new().ok()?;
    let init = ClipboardEventInit::new();
    init.set_clipboard_data(Some(&data));
    init.set_bubbles(true);
    init.set_cancelable(true);
    let copy = ClipboardEvent::new_with_event_init_dict("copy", &init).ok()?;
    // Whoever copies something else than what is shown has put it into the event.
    let is_shown_text = document().dispatch_event(&copy).ok()?;
    if is_shown_text {
        return window().get_selection().ok().flatten()?.to_string().as_string();
    }
    data.get_data("text/plain").ok()
}

fn range() -> Option<Range> {
    let selection = window().get_selection().ok().flatten()?;
    (!selection.is_collapsed()).then(|| selection.get_range_at(0).ok()).flatten()
}
