//! The state of the open picker.

use kaiwa_shared::{model::Model, stream::MAX_PARALLEL};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, KeyboardEvent};

use super::sections::{Section, sections};
use crate::{
    browser::{keyboard::is_composing, page},
    components::popover::Popover,
    state::{
        chat::{Chat, Chats, use_chats},
        model_lists::{ModelLists, use_model_lists},
        models::{Models, use_models},
    },
};

/// How many models are shown at first, and how many more whenever the end of the list comes near.
const PAGE: usize = 60;

/// How near that is, in pixels.
const NEAR: i32 = 400;

/// The open picker.
#[derive(Clone, Copy)]
pub(super) struct Picker {
    pub(super) popover: Popover,
    pub(super) chat: StoredValue<Chat>,
    pub(super) chats: Chats,
    pub(super) models: Models,
    pub(super) lists: ModelLists,
    /// The id of the chosen model, which may be the default.
    pub(super) chosen: Memo<Option<String>>,
    pub(super) query: RwSignal<String>,
    /// The number of models that are shown if so many match.
    pub(super) limit: RwSignal<usize>,
    pub(super) sections: Memo<Vec<Section>>,
    /// The position of the model that Enter chooses.
    pub(super) active: RwSignal<usize>,
    /// Further models are being chosen.
    pub(super) comparing: RwSignal<bool>,
    pub(super) field: NodeRef<html::Input>,
    pub(super) list: NodeRef<html::Div>,
}

impl Picker {
    pub(super) fn new(popover: Popover, chat: Chat, wanted: Memo<Option<String>>) -> Self {
        let (models, lists) = (use_models(), use_model_lists());
        let chosen = Memo::new(move |_| models.find(wanted.get().as_deref()).map(|model| model.id));
        let (query, limit) = (RwSignal::new(String::new()), RwSignal::new(PAGE));
        // The order stays as it is while the picker is open.
        let order = untrack(|| lists.get());
        let all = order.clone();
        let sections = Memo::new(move |_| sections(&models.all(), &order, &query.read(), limit.get()));
        let at = untrack(|| {
            let id = chosen.get()?;
            flat(&super::sections::sections(&models.all(), &all, "", usize::MAX))
                .position(|model| model.id == id)
        });
        limit.set(PAGE.max(at.unwrap_or_default() + PAGE / 2));
        Self {
            popover,
            chat: StoredValue::new(chat),
            chats: use_chats(),
            models,
            lists,
            chosen,
            query,
            limit,
            sections,
            active: RwSignal::new(at.unwrap_or_default()),
            comparing: RwSignal::new(false),
            field: NodeRef::new(),
            list: NodeRef::new(),
        }
    }

    pub(super) fn compared(self) -> ArcRwSignal<Vec<String>> {
        self.chat.with_value(|chat| chat.compared().clone())
    }

    pub(super) fn is_chosen(self, id: &str) -> bool {
        self.chosen.with(|chosen| chosen.as_deref() == Some(id))
    }

    /// Whether a model would answer, given what is being chosen.
    pub(super) fn is_selected(self, id: &str) -> bool {
        if self.comparing.get() {
            self.compared().with(|compared| compared.iter().any(|other| other == id))
        } else {
            self.is_chosen(id)
        }
    }

    /// Whether a model cannot be chosen: it answers anyway, or enough others do.
    pub(super) fn is_disabled(self, id: &str) -> bool {
        let is_full = || self.compared().with(|compared| compared.len() >= MAX_PARALLEL);
        self.comparing.get() && (self.is_chosen(id) || (is_full() && !self.is_selected(id)))
    }

    pub(super) fn choose(self, id: &str) {
        if untrack(|| self.is_disabled(id)) {
            return;
        }
        let compared = self.compared();
        if self.comparing.get_untracked() {
            compared.update(|compared| match compared.iter().position(|other| other == id) {
                Some(at) => drop(compared.remove(at)),
                None => compared.push(id.to_owned()),
            });
            return;
        }
        self.chat.with_value(|chat| self.chats.set_model(chat, id.to_owned()));
        self.popover.close();
    }

    pub(super) fn choose_active(self) {
        let active = self.active.get_untracked();
        let id =
            self.sections.with_untracked(|sections| flat(sections).nth(active).map(|model| model.id.clone()));
        if let Some(id) = id {
            self.choose(&id);
        }
    }

    pub(super) fn search(self, text: String) {
        self.limit.set(PAGE);
        self.active.set(0);
        self.query.set(text);
        if let Some(list) = self.list.get_untracked() {
            list.set_scroll_top(0);
        }
    }

    /// Moves to the next or the previous model, around the ends.
    pub(super) fn step(self, forwards: bool) {
        let count = self.count();
        let active = self.active.get_untracked();
        let next = match (forwards, active) {
            (true, at) if at + 1 < count => at + 1,
            (true, _) => 0,
            (false, 0) => count.saturating_sub(1),
            (false, at) => at - 1,
        };
        self.active.set(next);
        self.show_active();
        if next + 1 >= count {
            self.show_more();
        }
    }

    pub(super) fn show_active(self) {
        // The picker may have been closed before the frame for which this was planned.
        let Some(active) = self.active.try_get_untracked() else { return };
        if let Some(row) = page::find(&format!("#model-{active}")) {
            page::bring_into_view(&row);
        }
    }

    /// The number of models that are shown.
    pub(super) fn count(self) -> usize {
        self.sections.with_untracked(|sections| flat(sections).count())
    }

    pub(super) fn show_more(self) {
        if self.count() >= self.limit.get_untracked() {
            self.limit.update(|limit| *limit += PAGE);
        }
    }

    pub(super) fn on_scroll(self) {
        let Some(list) = self.list.get_untracked() else { return };
        if list.scroll_height() - list.scroll_top() - list.client_height() < NEAR {
            self.show_more();
        }
    }

    pub(super) fn on_key(self, event: &KeyboardEvent) {
        if is_composing(event) {
            return;
        }
        let on_button = event.target().is_some_and(|target| target.dyn_ref::<HtmlButtonElement>().is_some());
        match event.key().as_str() {
            "ArrowDown" => self.step(true),
            "ArrowUp" => self.step(false),
            "Enter" if !on_button => self.choose_active(),
            _ => return,
        }
        event.prevent_default();
        if let Some(field) = self.field.get_untracked().filter(|_| on_button) {
            page::focus(&field);
        }
    }
}

/// The models of all groups.
pub(super) fn flat(sections: &[Section]) -> impl Iterator<Item = &Model> {
    sections.iter().flat_map(|section| &section.models)
}
