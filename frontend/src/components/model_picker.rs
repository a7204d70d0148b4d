//! The choice of the model that answers.

use kaiwa_shared::model::Model;
use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    menu::{Menu, MenuChoice},
};
use crate::{
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        models::use_models,
    },
};

/// The model of the next message, and the others that could answer it.
#[component]
pub fn ModelPicker(
    /// The conversation.
    chat: Chat,
) -> impl IntoView {
    let chats = use_chats();
    let models = use_models();
    let locale = use_locale();
    let chosen = {
        let chat = chat.clone();
        Memo::new(move |_| chats.model_of(&chat))
    };
    // A model that is no longer offered is named, never silently replaced.
    let name = Signal::derive(move || match (chosen.get(), models.find(chosen.get().as_deref())) {
        (_, Some(model)) => model.name,
        (Some(id), None) => id,
        (None, None) => String::new(),
    });
    let is_demo =
        Signal::derive(move || models.find(chosen.get().as_deref()).is_some_and(|model| model.demo));
    let label = Signal::derive(move || (locale.words().model_picker)(&name.get()));
    let trigger = view! {
        <span class="model-name">{name}</span>
        {move || is_demo.get().then(|| view! { <DemoBadge/> }.into_any())}
        <Glyph icon=Icon::ChevronDown/>
    };
    view! {
        <Menu label class="picker" trigger=trigger.into_any()>
            <Choices chat=chat.clone() chosen/>
        </Menu>
    }
}

#[component]
fn DemoBadge() -> impl IntoView {
    view! { <span class="badge">{t(|words| words.demo)}</span> }
}

#[component]
fn Choices(chat: Chat, chosen: Memo<Option<String>>) -> impl IntoView {
    let models = use_models();
    let chats = use_chats();
    let row = move |model: Model| {
        let Model { id, name, provider, demo, .. } = model;
        let chat = chat.clone();
        let is_chosen = {
            let id = id.clone();
            Signal::derive(move || models.find(chosen.get().as_deref()).is_some_and(|model| model.id == id))
        };
        let choose = Callback::new(move |()| chats.set_model(&chat, id.clone()));
        let detail = if demo {
            view! { <DemoBadge/> }.into_any()
        } else {
            view! { <span class="menu-detail">{provider}</span> }.into_any()
        };
        view! {
            <MenuChoice chosen=is_chosen on_choose=choose>
                <span class="menu-text">{name}</span>
                {detail}
                <Glyph icon=Icon::Check/>
            </MenuChoice>
        }
        .into_any()
    };
    models.all().into_iter().map(row).collect_view()
}
