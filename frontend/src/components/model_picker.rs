//! The model picker.

use kaiwa_shared::{model::Model, stream::MAX_PARALLEL};
use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    menu::{Menu, MenuChoice, MenuItem},
};
use crate::{
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        models::use_models,
    },
};

/// The picker for the model of the next message, and for parallel models.
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
    // A model that is no longer available is shown by its id, never silently replaced.
    let name = Signal::derive(move || match (chosen.get(), models.find(chosen.get().as_deref())) {
        (_, Some(model)) => model.name,
        (Some(id), None) => id,
        (None, None) => String::new(),
    });
    let is_demo =
        Signal::derive(move || models.find(chosen.get().as_deref()).is_some_and(|model| model.demo));
    let compared = chat.compared().clone();
    let more = Signal::derive(move || compared.with(Vec::len));
    // Voice control users say the visible text.
    let label = Signal::derive(move || {
        let words = locale.words();
        let mut label = name.get();
        if more.get() > 0 {
            label.push_str(" +");
            label.push_str(&more.get().to_string());
        }
        if is_demo.get() {
            label.extend([" ", words.composer.demo]);
        }
        (words.composer.model_picker)(&label)
    });
    let trigger = view! {
        <span class="model-name">{name}</span>
        // With a space between, for voice control.
        {move || (more.get() > 0).then(|| view! { " " <span class="badge">{format!("+{}", more.get())}</span> }.into_any())}
        {move || is_demo.get().then(|| view! { " " <DemoBadge/> }.into_any())}
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
    view! { <span class="badge">{t(|words| words.composer.demo)}</span> }
}

#[component]
fn Choices(chat: Chat, chosen: Memo<Option<String>>) -> impl IntoView {
    let models = use_models();
    let comparing = RwSignal::new(!chat.compared().read_untracked().is_empty());
    let is_chosen = move |id: &str| models.find(chosen.get().as_deref()).is_some_and(|model| model.id == id);
    let one = {
        let chat = chat.clone();
        move |model: Model| choice(&chat, model, is_chosen)
    };
    let all = models.all();
    let several = all.len() > 1;
    let others = all.clone();
    let compare = move || {
        if comparing.get() {
            let others = others.iter().filter(|model| !is_chosen(&model.id));
            return comparison(&chat, others.cloned().collect());
        }
        let open = Callback::new(move |()| comparing.set(true));
        view! {
            <MenuItem on_choose=open stays=true>
                <Glyph icon=Icon::Columns/>
                {t(|words| words.composer.compare)}
            </MenuItem>
        }
        .into_any()
    };
    view! {
        {all.into_iter().map(one).collect_view()}
        {several.then(|| {
            view! {
                <div class="menu-line" role="separator"></div>
                {compare}
            }
            .into_any()
        })}
    }
}

/// A model that can be chosen.
fn choice(chat: &Chat, model: Model, is_chosen: impl Fn(&str) -> bool + Send + Sync + 'static) -> AnyView {
    let chats = use_chats();
    let chat = chat.clone();
    let id = model.id.clone();
    let chosen = Signal::derive({
        let id = id.clone();
        move || is_chosen(&id)
    });
    let choose = Callback::new(move |()| chats.set_model(&chat, id.clone()));
    view! { <MenuChoice chosen on_choose=choose>{row(model)}</MenuChoice> }.into_any()
}

/// The models that can answer in parallel to the chosen one.
fn comparison(chat: &Chat, others: Vec<Model>) -> AnyView {
    let locale = use_locale();
    let check = |model: Model| {
        let (id, compared) = (model.id.clone(), chat.compared().clone());
        let toggle = {
            let (id, compared) = (id.clone(), compared.clone());
            Callback::new(move |()| {
                compared.update(|compared| {
                    if let Some(at) = compared.iter().position(|other| *other == id) {
                        compared.remove(at);
                    } else if compared.len() < MAX_PARALLEL {
                        compared.push(id.clone());
                    }
                });
            })
        };
        let chosen = Signal::derive(move || compared.with(|compared| compared.contains(&id)));
        view! { <MenuChoice chosen on_choose=toggle any_number=true>{row(model)}</MenuChoice> }.into_any()
    };
    view! {
        <p class="menu-heading">{t(|words| words.composer.compare)}</p>
        {others.into_iter().map(check).collect_view()}
        <p class="menu-note">{move || (locale.words().composer.compare_hint)(MAX_PARALLEL)}</p>
    }
    .into_any()
}

fn row(model: Model) -> AnyView {
    let Model { name, provider, demo, .. } = model;
    let detail = if demo {
        view! { <DemoBadge/> }.into_any()
    } else {
        view! { <span class="menu-detail">{provider}</span> }.into_any()
    };
    view! {
        <span class="menu-text">{name}</span>
        {detail}
        <Glyph icon=Icon::Check/>
    }
    .into_any()
}
