//! Files that are dropped or pasted anywhere on the page.

use std::time::Duration;

use leptos::{ev, prelude::*};
use web_sys::{DataTransfer, File, FileList, FilePropertyBag};

/// How long after the last `dragover` the files are no longer over the page. Browsers send one at least every 350 ms.
/// `dragleave` does not tell, because it also comes for every element that is crossed.
const GONE: Duration = Duration::from_millis(600);

/// Calls `take` with files that are dropped or pasted, and sets `over` while they are dragged over the page. Otherwise a
/// browser would leave the page to show a dropped file. Text that comes with a picture of itself, as office programs
/// copy it, is left alone.
pub fn take_files(over: RwSignal<bool>, take: impl Fn(Vec<File>) + Clone + 'static) {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hide_after = move |pause| {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(move || over.set(false), pause).ok());
    };
    // The listeners live as long as the application.
    let _over = window_event_listener(ev::dragover, move |event| {
        // Without this, the browser handles the drop.
        if event.data_transfer().as_ref().is_some_and(has_files) {
            event.prevent_default();
            if !over.get_untracked() {
                over.set(true);
            }
            hide_after(GONE);
        }
    });
    let dropped = take.clone();
    let _drop = window_event_listener(ev::drop, move |event| {
        if let Some(data) = event.data_transfer().filter(has_files) {
            event.prevent_default();
            over.set(false);
            dropped(list(data.files()));
        }
    });
    let _paste = window_event_listener(ev::paste, move |event| {
        if let Some(data) = event.clipboard_data().filter(has_files)
            && !has(&data, "text/rtf")
        {
            // The browser pastes the text.
            if !has(&data, "text/plain") {
                event.prevent_default();
            }
            take(list(data.files()));
        }
    });
}

/// A text file with this name and text.
pub fn of_text(name: &str, text: &str) -> Option<File> {
    let options = FilePropertyBag::new();
    options.set_type("text/plain");
    File::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), name, &options).ok()
}

/// The files of a list.
pub fn list(files: Option<FileList>) -> Vec<File> {
    files.map_or_else(Vec::new, |files| (0..files.length()).filter_map(|at| files.get(at)).collect())
}

/// Whether files are dragged or pasted.
pub fn has_files(data: &DataTransfer) -> bool {
    has(data, "Files")
}

fn has(data: &DataTransfer, kind: &str) -> bool {
    data.types().includes(&kind.into(), 0)
}
