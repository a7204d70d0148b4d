//! The messages that wait for the running reply to end, above the field in which the next one is written.

use kaiwa_shared::conversation::QueuedMessage;
use leptos::prelude::*;

use crate::{
    browser::page,
    components::{
        controls::icon_button,
        icon::{Glyph, Icon},
    },
    i18n::t,
    state::chat::{Chat, use_chats},
};

/// The messages that wait, in the order in which they will be sent; nothing where none does.
pub(super) fn queue(chat: &Chat) -> AnyView {
    let chat = chat.clone();
    let queued = chat.queued().clone();
    let any = Memo::new(move |_| !queued.read().is_empty());
    let shown = move || {
        let (chat, queued) = (chat.clone(), chat.queued().clone());
        let row = move |waiting: QueuedMessage| row(&chat, waiting);
        any.get().then(|| {
            view! {
                <ul class="queue" aria-label=t(|words| words.queued)>
                    <For each=move || queued.get() key=|waiting| waiting.id children=row/>
                </ul>
            }
            .into_any()
        })
    };
    shown.into_any()
}

fn row(chat: &Chat, waiting: QueuedMessage) -> AnyView {
    let chats = use_chats();
    let content = waiting.content.clone();
    let act = |act: fn(crate::state::chat::Chats, &Chat, QueuedMessage)| {
        let (chat, waiting) = (chat.clone(), waiting.clone());
        Callback::new(move |()| {
            act(chats, &chat, waiting.clone());
            page::focus_on("#composer");
        })
    };
    let edit = act(|chats, chat, waiting| chats.unqueue(chat, waiting, true));
    let remove = act(|chats, chat, waiting| chats.unqueue(chat, waiting, false));
    let send = act(|chats, chat, waiting| chats.send_now(chat, waiting));
    let never = Signal::stored(false);
    view! {
        <li class="queued" title=t(|words| words.queued)>
            <Glyph icon=Icon::Clock/>
            <span class="queued-text" dir="auto">{content}</span>
            {icon_button(Icon::ArrowUp, "", t(|words| words.queue_send), never, send)}
            {icon_button(Icon::Pencil, "", t(|words| words.queue_edit), never, edit)}
            {icon_button(Icon::Close, "", t(|words| words.queue_remove), never, remove)}
        </li>
    }
    .into_any()
}
