//! Going to a message: from a link, the outline, or the keyboard.

use std::time::Duration;

use kaiwa_shared::{MessageId, time::Millis};
use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*, task::spawn_local};
use web_sys::{DomRect, HtmlElement};

use super::{rows::Hold, scroller::Scroller};
use crate::{browser::page, state::places::Place};

/// How long a message stays marked.
const MARKED: Duration = Duration::from_secs(3);
/// The class of a marked row.
const MARK: &str = "pointed";
/// The space above a message that is shown, in pixels.
const MARGIN: f64 = 16.0;
/// What the search bar may cover, in pixels.
const COVERED: f64 = 72.0;

impl Scroller {
    /// Scrolls to the end and follows it.
    pub(super) fn jump(self) {
        self.resume();
        self.scroll_smoothly();
    }

    /// Puts a message at the top of the view, and returns its row.
    pub(super) fn show(self, message: MessageId) -> Option<HtmlElement> {
        let window = self.window.get_untracked()?;
        self.stop_following();
        self.opening.set_value(None);
        let hold = Hold::Row(Place { message, offset: MARGIN });
        self.moved_at.set_value(Millis(0));
        self.arrange(&window, hold, true, 0);
        self.grow();
        self.rows.element(message)
    }

    /// The message at the top of the view.
    pub(super) fn current(self) -> Option<MessageId> {
        let window = self.window.get_untracked()?;
        match self.rows.hold(&window)? {
            Hold::Row(place) => Some(place.message),
            Hold::End => None,
        }
    }

    /// Brings a part of a message into the view. `part` finds it in the row.
    pub(super) fn show_part(self, message: MessageId, part: impl Fn(&HtmlElement) -> Option<DomRect>) {
        let Some(window) = self.window.get_untracked() else { return };
        self.stop_following();
        let Some(row) = self.rows.element(message).or_else(|| self.show(message)) else { return };
        let Some(found) = part(&row) else { return };
        let view = window.get_bounding_client_rect();
        if found.top() < view.top() + COVERED || found.bottom() > view.bottom() - COVERED {
            let middle = view.top() + view.height() / 3.0;
            self.put(&window, page::scroll_top(&window) + found.top() - middle);
            if let Some(hold) = self.rows.hold(&window) {
                self.arrange(&window, hold, true, 0);
            }
        }
    }

    /// Shows a message at the top of the view and marks it. Loads it if needed; `not_here` runs if that is impossible.
    pub(super) fn go_to(self, id: MessageId, not_here: impl Fn() + 'static) {
        spawn_local(async move {
            let Some(chat) = self.chat() else { return };
            let is_here = self.chats().load_back_to(&chat, Some(id)).await;
            if self.chat().is_none() {
                return;
            }
            match self.show(id).filter(|_| is_here) {
                Some(row) => mark(&row),
                None => not_here(),
            }
        });
    }

    /// Shows the first message. Loads the whole conversation if needed.
    pub(super) fn go_to_first(self) {
        spawn_local(async move {
            let Some(chat) = self.chat() else { return };
            self.chats().load_back_to(&chat, None).await;
            let first = chat.messages().read_untracked().first().map(|message| message.id);
            if self.chat().is_some() {
                _ = first.and_then(|first| self.show(first));
            }
        });
    }

    /// Goes to the message that the address names, now and when it changes.
    pub(super) fn follow_address(self, not_here: impl Fn() + Copy + 'static) {
        if let Some(id) = page::fragment() {
            self.go_to(id, not_here);
        }
        let changed = window_event_listener_untyped("hashchange", move |_| {
            if let Some(id) = page::fragment() {
                self.go_to(id, not_here);
            }
        });
        on_cleanup(move || changed.remove());
    }
}

/// Marks a row for a moment, and moves the focus there, so that the keyboard continues from it.
fn mark(row: &HtmlElement) {
    row.set_tab_index(-1);
    page::focus(row);
    // Fails only for malformed names.
    _ = row.class_list().add_1(MARK);
    let row = row.clone();
    set_timeout(move || _ = row.class_list().remove_1(MARK), MARKED);
}
