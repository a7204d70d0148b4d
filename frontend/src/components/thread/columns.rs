//! Parallel replies: in columns, or one at a time behind tabs where columns would be too narrow.

use kaiwa_shared::MessageId;
use leptos::prelude::*;

use crate::{
    components::{
        icon::{Glyph, Icon},
        message::article,
    },
    i18n::t,
    state::{
        chat::{Chat, MessageHandle, use_chats},
        models::use_models,
    },
};

/// The replies of several models to the last message.
pub(super) fn columns(chat: &Chat) -> AnyView {
    // Picking another one changes neither the replies nor their order.
    let ids = {
        let chat = chat.clone();
        Memo::new(move |_| chat.columns().iter().map(|message| message.id).collect::<Vec<_>>())
    };
    let chat = chat.clone();
    let shown = move || {
        let count = ids.read().len();
        (count > 0).then(|| {
            let replies = untrack(|| chat.columns());
            let front = RwSignal::new(replies.first().map(|reply| reply.id));
            let tabs = replies.iter().map(|reply| tab(reply, front)).collect_view();
            let columns = replies.iter().map(|reply| column(&chat, reply, front)).collect_view();
            view! {
                <li
                    class="message columns"
                    data-author="assistant"
                    data-columns=count.to_string()
                    style=("--columns", count.to_string())
                >
                    <div class="column-tabs" role="group" aria-label=t(|words| words.chat.answers)>{tabs}</div>
                    <div class="column-row" role="group" aria-label=t(|words| words.chat.answers)>{columns}</div>
                    {choose_one(&chat)}
                </li>
            }
            .into_any()
        })
    };
    shown.into_any()
}

fn name_of(message: &MessageHandle) -> Signal<Option<String>> {
    let (models, details) = (use_models(), message.details.clone());
    Signal::derive(move || {
        details.with(|details| details.model.as_deref().map(|model| models.name_of(model)))
    })
}

/// Shows one of the replies where only one fits.
fn tab(message: &MessageHandle, front: RwSignal<Option<MessageId>>) -> AnyView {
    let id = message.id;
    let streaming = {
        let message = message.clone();
        move || message.is_streaming()
    };
    view! {
        <button
            type="button"
            class="column-tab"
            class:streaming=streaming
            aria-pressed=move || if front.get() == Some(id) { "true" } else { "false" }
            on:click=move |_| front.set(Some(id))
        >
            {name_of(message)}
        </button>
    }
    .into_any()
}

fn column(chat: &Chat, message: &MessageHandle, front: RwSignal<Option<MessageId>>) -> AnyView {
    let chats = use_chats();
    let id = message.id;
    let chosen = {
        let chat = chat.clone();
        Memo::new(move |_| {
            let is_last = chat.messages().read().last().is_some_and(|last| last.id == id);
            is_last && chat.undecided().is_none()
        })
    };
    let (to_choose, is_chosen) = (t(|words| words.chat.choose_answer), t(|words| words.chat.chosen_answer));
    let label = move || if chosen.get() { is_chosen.get() } else { to_choose.get() };
    let pick = {
        let chat = chat.clone();
        move |_| {
            if !chosen.get_untracked() {
                chats.pick(&chat, id);
            }
        }
    };
    view! {
        <div
            class="column"
            class:chosen=chosen
            class:front=move || front.get() == Some(id)
            data-message-id=id.to_string()
        >
            <div class="column-head">
                <span class="column-model">{name_of(message)}</span>
                <button
                    type="button"
                    class="pick"
                    aria-pressed=move || if chosen.get() { "true" } else { "false" }
                    on:click=pick
                >
                    <Glyph icon=Icon::Check/>
                    <span>{label}</span>
                </button>
            </div>
            <div class="column-body" tabindex="0" role="group" aria-label=name_of(message)>{article(chat, message)}</div>
        </div>
    }
    .into_any()
}

/// Asks to choose one of the replies, once they are complete.
fn choose_one(chat: &Chat) -> AnyView {
    let chat = chat.clone();
    let is_needed = Memo::new(move |_| !chat.is_running() && chat.undecided().is_some());
    let note = move || {
        is_needed.get().then(|| {
            view! { <p class="choose-one" role="status">{t(|words| words.chat.choose_one)}</p> }.into_any()
        })
    };
    note.into_any()
}
