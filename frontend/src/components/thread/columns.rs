//! Parallel replies: in columns, or to swipe between on narrow windows.

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
            let columns =
                untrack(|| chat.columns()).iter().map(|message| column(&chat, message)).collect_view();
            view! {
                <li class="message columns" data-author="assistant" style=("--columns", count.to_string())>
                    <div class="column-row" role="group" tabindex="0" aria-label=t(|words| words.chat.answers)>
                        {columns}
                    </div>
                </li>
            }
            .into_any()
        })
    };
    shown.into_any()
}

fn column(chat: &Chat, message: &MessageHandle) -> AnyView {
    let chats = use_chats();
    let models = use_models();
    let id = message.id;
    let (messages, details) = (chat.messages().clone(), message.details.clone());
    let chosen = Memo::new(move |_| messages.read().last().is_some_and(|last| last.id == id));
    let name = move || details.with(|details| details.model.as_deref().map(|model| models.name_of(model)));
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
        <div class="column" class:chosen=chosen data-message-id=id.to_string()>
            <div class="column-head">
                <span class="column-model">{name}</span>
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
            {article(chat, message)}
        </div>
    }
    .into_any()
}
