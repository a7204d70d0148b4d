//! Files that are dropped or pasted anywhere on the page.

use leptos::{ev, prelude::window_event_listener};
use web_sys::DataTransfer;

/// Calls `refuse` when files are dropped or pasted. Otherwise a browser would leave the page to show a dropped file.
/// Text is left alone, also where it comes with a picture of itself.
pub fn refuse_files(refuse: impl Fn() + Clone + 'static) {
    let dropped = refuse.clone();
    // The listeners live as long as the application.
    let _over = window_event_listener(ev::dragover, |event| {
        // Without this, the browser handles the drop.
        if event.data_transfer().as_ref().is_some_and(has_files) {
            event.prevent_default();
        }
    });
    let _drop = window_event_listener(ev::drop, move |event| {
        if event.data_transfer().as_ref().is_some_and(has_files) {
            event.prevent_default();
            dropped();
        }
    });
    let _paste = window_event_listener(ev::paste, move |event| {
        if let Some(data) = event.clipboard_data()
            && has_files(&data)
            && !data.types().includes(&"text/plain".into(), 0)
        {
            event.prevent_default();
            refuse();
        }
    });
}

fn has_files(data: &DataTransfer) -> bool {
    data.types().includes(&"Files".into(), 0)
}
