//! Editing a message in place.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use crate::{
    browser::{
        keyboard::{is_composing, press_of},
        page, text_field,
    },
    components::{controls::small_button, files::attached},
    i18n::t,
    state::{
        chat::{Chat, MessageHandle, files_of, use_chats},
        uploads::use_uploads,
    },
};

/// The field that replaces the bubble, with buttons to save, to send as a new message, and to cancel.
pub(super) fn edit_form(chat: &Chat, message: &MessageHandle) -> AnyView {
    let chats = use_chats();
    let uploads = use_uploads();
    let files = message.parts.clone();
    let files = Memo::new(move |_| files.with(|parts| files_of(parts)));
    let field = NodeRef::<html::Textarea>::new();
    let before = message.text();
    focus_end(field);
    let leave = {
        let (editing, id) = (chat.editing().clone(), message.id);
        Callback::new(move |()| {
            editing.set(None);
            request_animation_frame(move || page::focus_on(&format!("[data-message-id=\"{id}\"] .edit")));
        })
    };
    let finish = {
        let (chat, message, before) = (chat.clone(), message.clone(), before.clone());
        Callback::new(move |resend: bool| {
            let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
            let is_unchanged = text == before;
            let content = message.content_with(text);
            if content.is_blank() {
                return;
            }
            if resend {
                uploads.learn(message.files());
                chats.send_instead(&chat, &message, content);
                page::focus_on("#composer");
            } else {
                if !is_unchanged {
                    chats.save(&chat, &message, content);
                }
                leave.run(());
            }
        })
    };
    let on_key = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        match event.key().as_str() {
            "Escape" => leave.run(()),
            "Enter" if press_of(&event).command => finish.run(true),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // Messages of a temporary conversation can only be sent again.
    let save = (!chat.is_temporary())
        .then(|| small_button("", t(|words| words.common.save), Callback::new(move |()| finish.run(false))));
    view! {
        {attached(files.into())}
        <div class="edit-form">
            <textarea
                class="input"
                rows="1"
                dir="auto"
                aria-label=t(|words| words.message.edit_message)
                prop:value=before
                node_ref=field
                on:input=move |_| {
                    if let Some(field) = field.get_untracked() {
                        text_field::fit(&field);
                    }
                }
                on:keydown=on_key
            ></textarea>
            <div class="edit-actions">
                {small_button("quiet", t(|words| words.common.cancel), leave)}
                {save}
                {small_button(
                    "primary",
                    t(|words| words.message.save_and_send),
                    Callback::new(move |()| finish.run(true)),
                )}
            </div>
        </div>
    }
    .into_any()
}

/// Moves the focus to the end of the field when it appears.
fn focus_end(field: NodeRef<html::Textarea>) {
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            text_field::fit(&field);
            page::focus(&field);
            page::bring_into_view(&field);
            let end = field.value().encode_utf16().count();
            let end = u32::try_from(end).unwrap_or(u32::MAX);
            // Fails only for fields without a selection, and this one has one.
            _ = field.set_selection_range(end, end);
        }
    });
}
