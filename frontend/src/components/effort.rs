//! How much a model reasons: a chip beside the model picker, and options in the conversation's settings.

use kaiwa_shared::message::Effort;
use leptos::prelude::*;

use super::{
    choices::Choice,
    icon::{Glyph, Icon},
    menu::{Menu, MenuChoice},
};
use crate::{
    i18n::{Words, use_locale},
    state::{
        chat::{Chat, Chats, use_chats},
        models::use_models,
    },
};

/// The efforts that can be chosen; `None` leaves it to the model.
const EFFORTS: [Option<Effort>; 5] =
    [None, Some(Effort::Off), Some(Effort::Low), Some(Effort::Medium), Some(Effort::High)];

fn name_of(words: &Words, effort: Option<Effort>) -> &'static str {
    effort.map_or(words.chat_settings.default, words.details.effort)
}

fn set(chats: Chats, chat: &Chat, effort: Option<Effort>) {
    chats.change_settings(chat, |settings| settings.options.effort = effort);
}

/// The effort as a menu, if it is known that the chosen model reasons.
pub fn effort_chip(chat: &Chat) -> AnyView {
    let (chats, models, locale) = (use_chats(), use_models(), use_locale());
    let reasons = {
        let chat = chat.clone();
        Memo::new(move |_| {
            let model = models.find(chats.model_of(&chat).as_deref());
            model.is_some_and(|model| model.abilities.reasoning == Some(true))
        })
    };
    let effort = {
        let chat = chat.clone();
        Memo::new(move |_| chats.settings_of(&chat).options.effort)
    };
    let label = Signal::derive(move || {
        let words = locale.words();
        (words.chat_settings.effort_is)(name_of(words, effort.get()))
    });
    let chat = chat.clone();
    let chip = move || {
        let chat = chat.clone();
        let face = view! {
            <Glyph icon=Icon::Thought/>
            {move || effort.get().map(|effort| view! { <span>{(locale.words().details.effort)(effort)}</span> }.into_any())}
        };
        reasons.get().then(|| {
            view! { <Menu label class="chip" trigger=face.into_any()>{menu(&chat, effort)}</Menu> }.into_any()
        })
    };
    chip.into_any()
}

fn menu(chat: &Chat, effort: Memo<Option<Effort>>) -> AnyView {
    let (chats, locale) = (use_chats(), use_locale());
    let choice = |value: Option<Effort>| {
        let chat = chat.clone();
        let chosen = Signal::derive(move || effort.get() == value);
        let choose = Callback::new(move |()| set(chats, &chat, value));
        view! {
            <MenuChoice chosen on_choose=choose>
                <span class="menu-text">{move || name_of(locale.words(), value)}</span>
                <Glyph icon=Icon::Check/>
            </MenuChoice>
        }
        .into_any()
    };
    view! {
        <p class="menu-heading">{move || locale.words().chat_settings.effort}</p>
        {EFFORTS.map(choice).collect_view()}
    }
    .into_any()
}

/// The efforts as options.
pub fn effort_choices(chat: &Chat) -> Vec<Choice> {
    let (chats, locale) = (use_chats(), use_locale());
    let choice = |value: Option<Effort>| {
        let (shown, chat) = (chat.clone(), chat.clone());
        Choice {
            label: Signal::derive(move || name_of(locale.words(), value)),
            chosen: Signal::derive(move || chats.settings_of(&shown).options.effort == value),
            choose: Callback::new(move |()| set(chats, &chat, value)),
        }
    };
    EFFORTS.map(choice).into()
}
