//! Putting the whole conversation on the page, for what only the browser can do: print it, and select all of it.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*, task::spawn_local};

use super::scroller::Scroller;
use crate::browser::{page, selection};

impl Scroller {
    /// Puts every loaded row on the page before printing, and only the needed ones afterwards. Printing from the browser's
    /// menu does not wait for messages that are not loaded: the page says that they are missing, and the next time they
    /// are there.
    pub(super) fn prepare_to_print(self) {
        let before = window_event_listener_untyped("beforeprint", move |_| {
            self.set_whole(true);
            self.load_everything();
        });
        let after = window_event_listener_untyped("afterprint", move |_| self.set_whole(false));
        on_cleanup(move || {
            before.remove();
            after.remove();
        });
    }

    /// Puts the rows within the selection on the page, because the browser copies only those. Far from where it began, a
    /// selection is extended with Shift.
    pub(super) fn complete_selection(self) {
        selection::on_change(move || {
            if self.rows().lack_selected() {
                self.refresh();
            }
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

    fn load_everything(self) {
        spawn_local(async move {
            if let Some(chat) = self.chat() {
                self.chats().load_back_to(&chat, None).await;
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
