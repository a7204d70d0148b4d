//! The account's favourite and recently used models. They are kept in the browser.

use kaiwa_shared::UserId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::session::{Session, use_session};
use crate::browser::storage;

/// The key in `localStorage`, before the account.
const PREFIX: &str = "kaiwa.models.";

/// How many recently used models are remembered.
const MAX_RECENT: usize = 8;

/// The ids of an account's favourite and recently used models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lists {
    /// The favourites, in the order in which they were added.
    pub favourites: Vec<String>,
    /// The recently used ones, the latest first.
    pub recent: Vec<String>,
}

impl Lists {
    fn read(key: &str) -> Self {
        storage::get(key).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn toggle(&mut self, model: &str) {
        match self.favourites.iter().position(|id| id == model) {
            Some(at) => drop(self.favourites.remove(at)),
            None => self.favourites.push(model.to_owned()),
        }
    }

    fn note(&mut self, model: &str) {
        self.recent.retain(|id| id != model);
        self.recent.insert(0, model.to_owned());
        self.recent.truncate(MAX_RECENT);
    }
}

/// The lists of the signed-in account.
#[derive(Clone, Copy)]
pub struct ModelLists {
    session: Session,
    lists: RwSignal<Lists>,
}

/// Provides the lists; they follow the account.
pub fn provide_model_lists() -> ModelLists {
    let lists = ModelLists { session: use_session(), lists: RwSignal::default() };
    provide_context(lists);
    Effect::new(move |before: Option<Option<UserId>>| {
        let user = lists.session.user().map(|user| user.id);
        if before != Some(user) {
            lists.lists.set(user.map(|user| Lists::read(&key(user))).unwrap_or_default());
        }
        user
    });
    lists
}

/// The lists of the signed-in account.
pub fn use_model_lists() -> ModelLists {
    expect_context()
}

fn key(user: UserId) -> String {
    format!("{PREFIX}{user}")
}

impl ModelLists {
    /// The lists.
    pub fn get(self) -> Lists {
        self.lists.get()
    }

    /// Whether a model is a favourite.
    pub fn is_favourite(self, model: &str) -> bool {
        self.lists.with(|lists| lists.favourites.iter().any(|id| id == model))
    }

    /// Adds a favourite, or removes it.
    pub fn toggle_favourite(self, model: &str) {
        self.change(|lists| lists.toggle(model));
    }

    /// Remembers that a model was chosen.
    pub fn note_use(self, model: &str) {
        self.change(|lists| lists.note(model));
    }

    fn change(self, change: impl FnOnce(&mut Lists)) {
        let Some(user) = untrack(|| self.session.user()) else { return };
        // Another tab may have changed them.
        let mut lists = Lists::read(&key(user.id));
        change(&mut lists);
        if let Ok(text) = serde_json::to_string(&lists) {
            storage::set(&key(user.id), &text);
        }
        self.lists.set(lists);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_favourite_is_added_and_removed() {
        let mut lists = Lists::default();
        for model in ["a", "b", "a", "c"] {
            lists.toggle(model);
        }
        assert_eq!(lists.favourites, ["b", "c"]);
    }

    #[test]
    fn the_latest_models_come_first_and_only_once() {
        let mut lists = Lists::default();
        for model in ["a", "b", "a", "1", "2", "3", "4", "5", "6", "7"] {
            lists.note(model);
        }
        assert_eq!(lists.recent, ["7", "6", "5", "4", "3", "2", "1", "a"]);
    }
}
