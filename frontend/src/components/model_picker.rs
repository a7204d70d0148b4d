//! The model picker.

mod panel;
mod picker;
mod row;
mod sections;

use std::sync::Arc;

use leptos::prelude::*;

use self::{picker::Picker, row::demo_badge};
use super::{
    icon::{Glyph, Icon},
    popover::{Popover, Trigger, popover},
};
use crate::{
    i18n::{t, use_locale},
    pieces::Panels,
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
    let face = view! {
        <span class="model-name">{name}</span>
        // With a space between, for voice control.
        {move || (more.get() > 0).then(|| view! { " " <span class="badge">{format!("+{}", more.get())}</span> }.into_any())}
        {move || is_demo.get().then(|| view! { " " {demo_badge()} }.into_any())}
        <Glyph icon=Icon::ChevronDown/>
    };
    let trigger = Trigger { label, class: "picker", content: face.into_any() };
    let state = Popover::default();
    let show = Arc::new(move |panels: &Panels| (panels.model_picker)(state, chat.clone(), chosen));
    popover(state, trigger, "model-panel", t(|words| words.models.title), show)
}

/// The content of the open picker.
pub(crate) fn content(popover: Popover, chat: Chat, chosen: Memo<Option<String>>) -> AnyView {
    panel::content(&Picker::new(popover, chat, chosen))
}
