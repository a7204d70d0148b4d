//! The settings of a conversation: system prompt, temperature, reasoning effort and context size.

use std::sync::Arc;

use kaiwa_shared::{
    conversation::ConversationSettings,
    model::{Abilities, Model},
};
use leptos::{ev, html, prelude::*};
use web_sys::HtmlInputElement;

use super::{
    choices::choices_of,
    effort::effort_choices,
    icon::{Glyph, Icon},
    popover::{Popover, Trigger, popover},
};
use crate::{
    i18n::{Words, numbers, t, use_locale},
    pieces::Panels,
    state::{
        chat::{Chat, Chats, use_chats},
        conversations::Saving,
        models::use_models,
    },
};

/// The context sizes that can be chosen, if the model takes more.
const SIZES: [u32; 9] = [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 200_000, 500_000];

/// Where the temperature's slider stands while the model decides, in hundredths.
const MIDDLE: u32 = 100;

/// The button that opens the settings of a conversation. It shows whether they differ from the defaults.
pub fn chat_settings(chat: &Chat) -> AnyView {
    let panel = Panel::new(chat);
    let locale = use_locale();
    let changed = Memo::new(move |_| !panel.settings.read().is_default());
    let label = Signal::derive(move || {
        let words = &locale.words().chat_settings;
        if changed.get() { words.title_changed } else { words.title }.to_owned()
    });
    let face = view! {
        <span class="settings-face" class:changed=changed><Glyph icon=Icon::Settings/></span>
    };
    let trigger = Trigger { label, class: "chip chat-settings-button", content: face.into_any() };
    let state = Popover::default();
    let show = Arc::new(move |panels: &Panels| (panels.chat_settings)(panel));
    // What was typed last need not wait for the pause.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = state.is_open();
        if was_open == Some(true) && !is_open {
            panel.chat.with_value(|chat| panel.chats.flush_settings(chat));
        }
        is_open
    });
    let leaving = window_event_listener(ev::pagehide, move |_| {
        panel.chat.with_value(|chat| panel.chats.flush_settings(chat));
    });
    on_cleanup(move || leaving.remove());
    popover(state, trigger, "chat-settings", t(|words| words.chat_settings.title), show)
}

/// The panel with the settings of a conversation.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    chat: StoredValue<Chat>,
    chats: Chats,
    settings: Memo<ConversationSettings>,
    /// The chosen model, if it is offered.
    model: Memo<Option<Model>>,
}

impl Panel {
    fn new(chat: &Chat) -> Self {
        let (chats, models) = (use_chats(), use_models());
        let (of_settings, of_model) = (chat.clone(), chat.clone());
        Self {
            chat: StoredValue::new(chat.clone()),
            chats,
            settings: Memo::new(move |_| chats.settings_of(&of_settings)),
            model: Memo::new(move |_| models.find(chats.model_of(&of_model).as_deref())),
        }
    }

    fn change(self, change: impl FnOnce(&mut ConversationSettings)) {
        self.chat.with_value(|chat| self.chats.change_settings(chat, change));
    }

    /// Why the model ignores a setting, if it does.
    fn refusal(
        self,
        lacks: fn(&Abilities) -> bool,
        why: fn(&Words) -> fn(&str) -> String,
    ) -> Memo<Option<String>> {
        let locale = use_locale();
        Memo::new(move |_| {
            let model = self.model.get().filter(|model| lacks(&model.abilities))?;
            Some(why(locale.words())(&model.name))
        })
    }

    /// Its content.
    pub(crate) fn content(self) -> AnyView {
        let is_default = move || self.settings.read().is_default();
        let reset = move |_| self.change(|settings| *settings = ConversationSettings::default());
        view! {
            <div class="settings-head">
                <h2>{t(|words| words.chat_settings.title)}</h2>
                <button type="button" class="link-button" disabled=is_default on:click=reset>
                    {t(|words| words.chat_settings.reset)}
                </button>
            </div>
            {self.system_prompt()}
            {self.temperature()}
            {self.effort()}
            {self.context_size()}
            {self.state()}
        }
        .into_any()
    }

    fn system_prompt(self) -> AnyView {
        let value = move || self.settings.read().system_prompt.clone().unwrap_or_default();
        let on_input = move |event| {
            let text = event_target_value(&event);
            self.change(|settings| settings.system_prompt = Some(text).filter(|text| !text.is_empty()));
        };
        view! {
            <div class="settings-row">
                <label class="settings-name" for="system-prompt">{t(|words| words.chat_settings.system_prompt)}</label>
                <textarea
                    id="system-prompt"
                    class="settings-prompt"
                    rows="4"
                    dir="auto"
                    placeholder=t(|words| words.chat_settings.system_prompt_hint)
                    data-focus=""
                    prop:value=value
                    on:input=on_input
                ></textarea>
            </div>
        }
        .into_any()
    }

    fn temperature(self) -> AnyView {
        let refused = self.refusal(
            |abilities| abilities.temperature == Some(false),
            |words| words.chat_settings.no_temperature,
        );
        let value = Memo::new(move |_| self.settings.read().options.temperature);
        let hundredths = move || value.get().map_or(MIDDLE, numbers::in_hundredths);
        let set = move |value: Option<f32>| self.change(|settings| settings.options.temperature = value);
        let locale = use_locale();
        let spoken = move || match value.get() {
            Some(value) => numbers::temperature(value),
            None => locale.words().chat_settings.default.to_owned(),
        };
        let field = NodeRef::<html::Input>::new();
        let commit = move || {
            let Some(field) = field.get_untracked() else { return };
            let value = parse_temperature(&field);
            set(value);
            // An impossible number is corrected even if the value stays the same.
            field.set_value(&value.map(numbers::temperature).unwrap_or_default());
        };
        let name = t(|words| words.chat_settings.temperature);
        view! {
            <div class="settings-row">
                <label class="settings-name" for="temperature">{name}</label>
                <div class="temperature">
                    <input
                        type="range"
                        class:unset=move || value.get().is_none()
                        aria-label=name
                        aria-valuetext=spoken
                        min="0"
                        max="200"
                        step="5"
                        disabled=move || refused.read().is_some()
                        prop:value=move || hundredths().to_string()
                        on:input=move |event| set(event_target_value(&event).parse::<f32>().ok().map(|value| value / 100.0))
                    />
                    <input
                        id="temperature"
                        type="number"
                        inputmode="decimal"
                        class="settings-field"
                        min="0"
                        max="2"
                        step="0.05"
                        placeholder=t(|words| words.chat_settings.default)
                        disabled=move || refused.read().is_some()
                        node_ref=field
                        prop:value=move || value.get().map(numbers::temperature).unwrap_or_default()
                        on:change=move |_| commit()
                        on:keydown=move |event| {
                            if event.key() == "Enter" {
                                commit();
                            }
                        }
                    />
                </div>
                {note(refused, |words| words.chat_settings.temperature_hint)}
            </div>
        }
        .into_any()
    }

    fn effort(self) -> AnyView {
        let refused = self
            .refusal(|abilities| abilities.reasoning == Some(false), |words| words.chat_settings.no_effort);
        let choices = self.chat.with_value(effort_choices);
        view! {
            <fieldset class="settings-row" disabled=move || refused.read().is_some()>
                <legend class="settings-name">{t(|words| words.chat_settings.effort)}</legend>
                {choices_of("chat-effort", choices)}
                {note(refused, |_| "")}
            </fieldset>
        }
        .into_any()
    }

    fn context_size(self) -> AnyView {
        let locale = use_locale();
        let limit = Memo::new(move |_| self.settings.read().options.context_tokens);
        let window =
            Memo::new(move |_| self.model.read().as_ref().and_then(|model| model.abilities.context_tokens));
        let on_change = move |event| {
            let limit = event_target_value(&event).parse().ok();
            self.change(|settings| settings.options.context_tokens = limit);
        };
        let options = move || {
            let words = locale.words();
            let size = |size: u32| {
                let name = (words.chat_settings.tokens)(&numbers::short(size.into()));
                view! { <option value=size.to_string() prop:selected=move || limit.get() == Some(size)>{name}</option> }.into_any()
            };
            sizes(window.get(), limit.get()).into_iter().map(size).collect_view()
        };
        view! {
            <div class="settings-row">
                <label class="settings-name" for="context-size">{t(|words| words.chat_settings.context)}</label>
                <select id="context-size" class="settings-field" on:change=on_change>
                    <option value="" prop:selected=move || limit.get().is_none()>
                        {t(|words| words.chat_settings.context_all)}
                    </option>
                    {options}
                </select>
                <p class="settings-note">{t(|words| words.chat_settings.context_hint)}</p>
            </div>
        }
        .into_any()
    }

    /// What is not saved yet, and why.
    fn state(self) -> AnyView {
        let locale = use_locale();
        let saving = Memo::new(move |_| self.chat.with_value(|chat| self.chats.settings_saving(chat)));
        let retry = move |_| self.chat.with_value(|chat| self.chats.flush_settings(chat));
        let text = move || {
            let words = locale.words();
            match saving.get() {
                Saving::Saved => String::new(),
                Saving::Waiting | Saving::Running => words.chat_settings.saving.to_owned(),
                Saving::Failed(error) => {
                    let why =
                        words.field_error(&error, &["system_prompt"]).unwrap_or_else(|| words.error(&error));
                    format!("{} {why}", words.chat_settings.not_saved)
                }
            }
        };
        let failed = move || matches!(saving.get(), Saving::Failed(_));
        view! {
            <div class="settings-state" class:failed=failed>
                <p role="status">{text}</p>
                {move || failed().then(|| view! {
                    <button type="button" class="button small" on:click=retry>{t(|words| words.chat_settings.try_again)}</button>
                }.into_any())}
            </div>
        }
        .into_any()
    }
}

/// Explains a setting, or why it has no effect.
fn note(refused: Memo<Option<String>>, hint: fn(&Words) -> &'static str) -> AnyView {
    let locale = use_locale();
    let text = move || refused.get().unwrap_or_else(|| hint(locale.words()).to_owned());
    view! { <p class="settings-note">{text}</p> }.into_any()
}

/// The temperature in a field, made possible; `None` if it is empty or no number.
fn parse_temperature(field: &HtmlInputElement) -> Option<f32> {
    let value: f32 = field.value().trim().parse().ok()?;
    Some(value.clamp(0.0, 2.0))
}

/// The sizes below the model's window, and the chosen one.
fn sizes(window: Option<u64>, chosen: Option<u32>) -> Vec<u32> {
    let fits = |size: &u32| window.is_none_or(|window| u64::from(*size) < window);
    let mut sizes: Vec<u32> = SIZES.into_iter().filter(fits).chain(chosen).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_are_below_the_window_and_contain_the_chosen_one() {
        assert_eq!(sizes(Some(8_192), None), [2_000, 4_000, 8_000]);
        assert_eq!(sizes(Some(4_000), Some(3_000)), [2_000, 3_000]);
        assert_eq!(sizes(Some(4_000), Some(9_000)), [2_000, 9_000]);
        assert_eq!(sizes(None, Some(8_000)).len(), SIZES.len());
    }
}
