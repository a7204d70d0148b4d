//! The queued messages, above the field.

use kaiwa_shared::{Code, conversation::QueuedMessage};
use leptos::prelude::*;

use crate::{
    browser::page,
    components::{
        controls::icon_button,
        files::cannot_read,
        icon::{Glyph, Icon},
    },
    i18n::{t, use_locale},
    state::{
        chat::{Chat, Chats, use_chats},
        models::use_models,
    },
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
    let problem = problem(chat, message);
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
            {move || problem.get().map(|why| view! { <p class="queued-problem">{why}</p> }.into_any())}
        </li>
    }
    .into_any()
}

/// Why the message will not be sent: its model is gone or cannot read its files.
fn problem(chat: &Chat, message: &QueuedMessage) -> Memo<Option<String>> {
    let (models, chats, locale) = (use_models(), use_chats(), use_locale());
    let (chat, named, files) = (chat.clone(), message.model.clone(), message.files.clone());
    Memo::new(move |_| {
        if !models.is_loaded() {
            return None;
        }
        let words = locale.words();
        match models.find(named.clone().or_else(|| chats.model_of(&chat)).as_deref()) {
            Some(model) => cannot_read(&model, &files, words),
            None => Some((words.errors.problem)(Code::ModelNotFound).to_owned()),
        }
    })
}
