//! The queued messages, above the field.

use kaiwa_shared::conversation::QueuedMessage;
use leptos::prelude::*;

use crate::{
    browser::page,
    components::{
        controls::icon_button,
        icon::{Glyph, Icon},
    },
    i18n::t,
    state::chat::{Chat, Chats, use_chats},
};

/// The queued messages in the order in which they will be sent.
pub(super) fn queue(chat: &Chat) -> AnyView {
    let chat = chat.clone();
    let shown = move || {
        let queued = chat.queued().get();
        (!queued.is_empty()).then(|| {
            let rows = queued.into_iter().map(|message| row(&chat, &message)).collect_view();
            view! { <ul class="queue" aria-label=t(|words| words.composer.queued)>{rows}</ul> }.into_any()
        })
    };
    shown.into_any()
}

fn row(chat: &Chat, message: &QueuedMessage) -> AnyView {
    let chats = use_chats();
    let mut content = message.content.text();
    if content.trim().is_empty() {
        content = message.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    }
    let has_files = message.content.files().next().is_some();
    let act = |act: fn(Chats, &Chat, QueuedMessage)| {
        let (chat, message) = (chat.clone(), message.clone());
        Callback::new(move |()| {
            act(chats, &chat, message.clone());
            page::focus_on("#composer");
        })
    };
    let edit = act(|chats, chat, message| chats.unqueue(chat, message, true));
    let remove = act(|chats, chat, message| chats.unqueue(chat, message, false));
    let send = act(Chats::send_now);
    let never = Signal::stored(false);
    view! {
        <li class="queued" title=t(|words| words.composer.queued)>
            <Glyph icon=Icon::Clock/>
            {has_files.then(|| view! { <Glyph icon=Icon::Paperclip/> })}
            <span class="queued-text" dir="auto">{content}</span>
            {icon_button(Icon::ArrowUp, "", t(|words| words.composer.queue_send), never, send)}
            {icon_button(Icon::Pencil, "", t(|words| words.composer.queue_edit), never, edit)}
            {icon_button(Icon::Close, "", t(|words| words.composer.queue_remove), never, remove)}
        </li>
    }
    .into_any()
}
