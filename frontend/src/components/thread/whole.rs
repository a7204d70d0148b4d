//! Putting the whole conversation on the page, for what only the browser can do: print it, and select all of it.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*, task::spawn_local};

use super::scroller::Scroller;
use crate::browser::page;

impl Scroller {
    /// Puts every row on the page before printing, and only the needed ones afterwards.
    pub(super) fn prepare_to_print(self) {
        let before = window_event_listener_untyped("beforeprint", move |_| self.set_whole(true));
        let after = window_event_listener_untyped("afterprint", move |_| self.set_whole(false));
        on_cleanup(move || {
            before.remove();
            after.remove();
        });
    }

    /// Prints the whole conversation.
    pub(super) fn print(self) {
        self.with_everything(|_| {
            // Fails only where the browser forbids dialogs.
            _ = window().print();
        });
    }

    /// Selects the whole conversation. Its rows stay on the page as long as they are selected.
    pub(super) fn select_all(self) {
        self.with_everything(|scroller| {
            if let Some((selection, list)) = page::selection().zip(scroller.list()) {
                // Fails only for nodes of another document.
                _ = selection.select_all_children(&list);
            }
        });
    }

    /// Loads every message, and acts while all of them are on the page.
    fn with_everything(self, act: impl FnOnce(Self) + 'static) {
        spawn_local(async move {
            let Some(chat) = self.chat() else { return };
            self.chats().load_back_to(&chat, None).await;
            if self.chat().is_some() {
                self.set_whole(true);
                act(self);
                self.set_whole(false);
            }
        });
    }
}
