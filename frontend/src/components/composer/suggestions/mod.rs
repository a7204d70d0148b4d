//! Commands and saved prompts after `/` and models after `@`, offered while they are typed.

mod choice;
mod typed;

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use self::{
    choice::{Choice, Choices},
    typed::{Kind, LONGEST, Typed},
};
use super::placeholders::Placeholders;
use crate::{
    browser::{page, text_field},
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        models::use_models,
        navigation::use_navigation,
        prompts::{Prompts, use_prompts},
    },
};

const LIST: &str = "suggestions";

/// What is offered for the word before the caret.
#[derive(Clone, Copy)]
pub(super) struct Suggestions {
    field: NodeRef<html::Textarea>,
    choices: StoredValue<Choices>,
    prompts: Prompts,
    placeholders: Placeholders,
    typed: RwSignal<Option<Typed>>,
    found: Memo<Vec<Choice>>,
    /// The position of the choice that Enter takes.
    at: RwSignal<usize>,
}

impl Suggestions {
    pub(super) fn new(chat: &Chat, field: NodeRef<html::Textarea>, placeholders: Placeholders) -> Self {
        let prompts = use_prompts();
        let choices = Choices {
            chat: chat.clone(),
            chats: use_chats(),
            models: use_models(),
            navigation: use_navigation(),
            prompts,
            locale: use_locale(),
        };
        let choices = StoredValue::new(choices);
        let typed = RwSignal::new(None);
        let found = Memo::new(move |_| {
            typed.with(|typed| typed.as_ref().map(|typed| choices.with_value(|choices| choices.of(typed))))
        });
        let found = Memo::new(move |_| found.get().unwrap_or_default());
        Self { field, choices, prompts, placeholders, typed, found, at: RwSignal::new(0) }
    }

    /// Looks at the word before the caret.
    pub(super) fn look(self) {
        let before =
            self.field.get_untracked().and_then(|field| text_field::before_caret(&field, LONGEST + 1));
        let typed = before.and_then(|before| Typed::read(&before));
        if typed.as_ref().is_some_and(|typed| typed.kind != Kind::Model) {
            self.prompts.load();
        }
        if self.typed.with_untracked(|before| *before != typed) {
            self.at.set(0);
            self.typed.set(typed);
        }
    }

    /// Looks again after the caret was moved.
    pub(super) fn look_again(self) {
        if self.is_open() {
            self.look();
        }
    }

    /// Offers nothing until the next letter.
    pub(super) fn close(self) {
        if self.is_open() {
            self.typed.set(None);
        }
    }

    /// A field that is removed loses the focus when this is already gone.
    fn is_open(self) -> bool {
        self.typed.try_with_untracked(Option::is_some) == Some(true)
    }

    /// Handles a key. Returns whether the key was for the list.
    pub(super) fn on_key(self, event: &KeyboardEvent) -> bool {
        let count = self.found.with_untracked(Vec::len);
        if count == 0 {
            return false;
        }
        match event.key().as_str() {
            "ArrowDown" => self.at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => self.at.update(|at| *at = at.checked_sub(1).unwrap_or(count - 1)),
            "Enter" | "Tab" if !event.shift_key() => self.take(self.at.get_untracked()),
            "Escape" => self.close(),
            _ => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    fn take(self, at: usize) {
        let choice = self.found.with_untracked(|found| found.get(at).cloned());
        let typed = self.typed.get_untracked();
        let (Some(choice), Some(typed), Some(field)) = (choice, typed, self.field.get_untracked()) else {
            return;
        };
        self.close();
        if let Choice::Prompt { text, .. } = choice {
            let start = text_field::caret(&field).saturating_sub(typed.units);
            text_field::replace_before_caret(&field, typed.units, &text);
            self.placeholders.begin(&field, start);
        } else {
            text_field::replace_before_caret(&field, typed.units, "");
            self.choices.get_value().take(choice);
        }
    }

    /// The id of the list while it is shown.
    pub(super) fn list(self) -> Option<&'static str> {
        (!self.found.read().is_empty()).then_some(LIST)
    }

    /// The id of the choice that Enter takes.
    pub(super) fn active(self) -> Option<String> {
        self.list().map(|list| format!("{list}-{}", self.at.get()))
    }

    /// The list above the field.
    pub(super) fn view(self) -> AnyView {
        let shown = move || {
            let found = self.found.get();
            (!found.is_empty()).then(|| {
                let options = found.into_iter().enumerate().map(|(at, choice)| self.option(at, &choice));
                view! {
                    <ul id=LIST class="suggestions" role="listbox" aria-label=t(|words| words.composer.suggestions)>
                        {options.collect_view()}
                    </ul>
                }
                .into_any()
            })
        };
        shown.into_any()
    }

    fn option(self, at: usize, choice: &Choice) -> AnyView {
        let words = use_locale().words_now();
        let item = NodeRef::<html::Li>::new();
        let is_active = Memo::new(move |_| self.at.get() == at);
        Effect::new(move |_| {
            if let (true, Some(item)) = (is_active.get(), item.get()) {
                page::bring_into_view(&item);
            }
        });
        view! {
            <li
                id=format!("{LIST}-{at}")
                class="suggestion"
                role="option"
                node_ref=item
                aria-selected=move || if is_active.get() { "true" } else { "false" }
                // The field keeps the focus.
                on:pointerdown=|event| event.prevent_default()
                on:pointermove=move |_| self.at.set(at)
                on:click=move |_| self.take(at)
            >
                <span class="menu-text">{choice.name(words)}</span>
                <span class="menu-detail">{choice.detail()}</span>
            </li>
        }
        .into_any()
    }
}
