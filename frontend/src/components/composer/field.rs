//! The field of the composer.

use std::cell::Cell;

use kaiwa_shared::Content;
use leptos::{html, prelude::*};
use web_sys::{ClipboardEvent, KeyboardEvent};

use super::{placeholders::Placeholders, suggestions::Suggestions};
use crate::{
    browser::{
        files,
        keyboard::{is_composing, press_of},
        page, text_field,
    },
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        notices::use_notices,
        preferences::use_preferences,
        uploads::{use_uploads, with_text},
    },
};

/// The field with its draft, its keys, and what is offered while the user types. `became_file` is set when a long pasted
/// text has become a file.
pub(super) fn field(
    chat: &Chat,
    field: NodeRef<html::Textarea>,
    send: Callback<()>,
    stop: Callback<()>,
    became_file: RwSignal<bool>,
) -> AnyView {
    show_draft(chat, field);
    let placeholders = Placeholders::new(field);
    let suggestions = Suggestions::new(chat, field, placeholders);
    let on_key = on_key(chat, suggestions, placeholders, send, stop);
    let paste = StoredValue::new_local(Paste::new(chat, became_file));
    let draft = chat.draft().clone();
    let on_input = move |event| {
        draft.update(|draft| *draft = with_text(draft, event_target_value(&event)));
        if let Some(field) = field.get_untracked() {
            text_field::fit(&field);
        }
        suggestions.look();
    };
    view! {
        {suggestions.view()}
        <textarea
            id="composer"
            class="composer-field"
            rows="1"
            dir="auto"
            aria-label=t(|words| words.composer.message)
            aria-autocomplete="list"
            aria-controls=move || suggestions.list()
            aria-activedescendant=move || suggestions.active()
            placeholder=t(|words| words.composer.message_placeholder)
            node_ref=field
            on:input=on_input
            on:keydown=move |event| {
                paste.with_value(|paste| paste.note_key(&event));
                on_key(&event);
            }
            on:keyup=move |_| suggestions.look_again()
            on:click=move |_| suggestions.look_again()
            on:blur=move |_| suggestions.close()
            on:paste=move |event| paste.with_value(|paste| paste.take(&event))
        ></textarea>
    }
    .into_any()
}

fn on_key(
    chat: &Chat,
    suggestions: Suggestions,
    placeholders: Placeholders,
    send: Callback<()>,
    stop: Callback<()>,
) -> impl Fn(&KeyboardEvent) + use<> {
    let (chat, chats, preferences) = (chat.clone(), use_chats(), use_preferences());
    move |event| {
        if is_composing(event) || suggestions.on_key(event) || placeholders.on_key(event) {
            return;
        }
        match event.key().as_str() {
            "Enter" if preferences.send_key().sends(press_of(event)) => {
                event.prevent_default();
                send.run(());
            }
            "Escape" if chat.is_running_untracked() && !press_of(event).shift => {
                event.prevent_default();
                stop.run(());
            }
            "ArrowUp" if chat.draft().read_untracked().is_empty() && chats.edit_last(&chat) => {
                event.prevent_default();
            }
            _ => {}
        }
    }
}

/// Shows the draft. While the user types, the field is the source of truth; the draft changes it only when a message is
/// sent or comes back.
fn show_draft(chat: &Chat, field: NodeRef<html::Textarea>) {
    let draft = chat.draft().clone();
    Effect::new(move |before: Option<bool>| {
        let Some(field) = field.get() else { return false };
        let text = draft.with(Content::text);
        if field.value() != text {
            field.set_value(&text);
        }
        text_field::fit(&field);
        if before != Some(true) && !page::is_touch() {
            page::focus(&field);
        }
        true
    });
}

/// Pasted text that is longer than this, in UTF-16 units, becomes a file.
const LONG_PASTE: u32 = 2_500;

/// Turns long pasted text into a file, unless it is pasted with Ctrl+Shift+V.
struct Paste {
    take: Box<dyn Fn(&str) -> bool>,
    with_shift: Cell<bool>,
}

impl Paste {
    fn new(chat: &Chat, became_file: RwSignal<bool>) -> Self {
        let (chat, uploads) = (chat.clone(), use_uploads());
        let (locale, notices) = (use_locale(), use_notices());
        let take = move |text: &str| {
            let words = &locale.words_now().files;
            let Some(file) = files::of_text(words.pasted_text, text) else { return false };
            let is_taken = uploads.has_room_for(&chat, &file);
            if is_taken {
                uploads.add(&chat, vec![file]);
                notices.announce(words.paste_became_file);
                became_file.set(true);
            }
            is_taken
        };
        Self { take: Box::new(take), with_shift: Cell::new(false) }
    }

    fn note_key(&self, event: &KeyboardEvent) {
        let press = press_of(event);
        self.with_shift.set(press.command && press.shift && matches!(event.key().as_str(), "v" | "V"));
    }

    fn take(&self, event: &ClipboardEvent) {
        let Some(data) = event.clipboard_data().filter(|data| !files::has_files(data)) else { return };
        if self.with_shift.take() {
            return;
        }
        let text = data.get_data("text/plain").unwrap_or_default();
        let is_long = text.encode_utf16().nth(LONG_PASTE as usize).is_some();
        if is_long && (self.take)(&text) {
            event.prevent_default();
        }
    }
}
