//! Saves the draft shortly after the last key and when the page is left.

use std::time::Duration;

use leptos::{ev, prelude::*};

use crate::state::chat::{Chat, use_chats};

/// How long after the last key the draft is saved.
const PAUSE: Duration = Duration::from_millis(300);

/// Saves the draft of a conversation while its composer is shown, and once more when it is unmounted.
pub(super) fn keep_draft(chat: Chat) {
    let chats = use_chats();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let cancel_timer = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    {
        let chat = chat.clone();
        Effect::new(move |typed_before: Option<()>| {
            chat.draft().track();
            cancel_timer();
            if typed_before.is_some() {
                let chat = chat.clone();
                timer.set_value(set_timeout_with_handle(move || chats.save_draft(&chat), PAUSE).ok());
            }
        });
    }
    let leaving = {
        let chat = chat.clone();
        window_event_listener(ev::pagehide, move |_| chats.save_draft(&chat))
    };
    // Phones end a page that is not shown without another event.
    let hidden = {
        let chat = chat.clone();
        window_event_listener_untyped("visibilitychange", move |_| chats.save_draft(&chat))
    };
    on_cleanup(move || {
        leaving.remove();
        hidden.remove();
        cancel_timer();
        chats.save_draft(&chat);
    });
}
