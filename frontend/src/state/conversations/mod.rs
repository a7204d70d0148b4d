//! The conversations of the sidebar: loaded page by page, searched, renamed and deleted.

mod listing;
mod period;
mod settings;

use std::{collections::HashMap, time::Duration};

use kaiwa_shared::{
    ConversationId,
    conversation::{Conversation, UpdateConversation},
};
use leptos::{prelude::*, task::spawn_local};

pub use self::{
    listing::{Entry, Listing, Phase, Row, RowKey},
    period::Period,
    settings::Saving,
};
use crate::{
    api::{Api, Error},
    browser::time,
};

/// How long the search waits for more input.
const SEARCH_PAUSE: Duration = Duration::from_millis(200);

/// The conversations of the sidebar.
#[derive(Clone, Copy)]
pub struct Conversations {
    api: Api,
    all: RwSignal<Listing>,
    found: RwSignal<Option<Listing>>,
    search: RwSignal<String>,
    /// Every entry that was ever listed, so that all lists share one signal for its title.
    known: StoredValue<HashMap<ConversationId, Entry>>,
}

/// Provides the conversations; [`Conversations::load`] loads them.
pub fn provide_conversations(api: Api) -> Conversations {
    let conversations = Conversations {
        api,
        all: RwSignal::new(Listing::default()),
        found: RwSignal::new(None),
        search: RwSignal::new(String::new()),
        known: StoredValue::new(HashMap::new()),
    };
    provide_context(conversations);
    conversations
}

/// The conversations of the sidebar.
pub fn use_conversations() -> Conversations {
    expect_context()
}

impl Conversations {
    /// The rows of the shown list: all conversations with their headings, or the search results.
    pub fn rows(self) -> Vec<Row> {
        let now = time::now();
        let offset = time::utc_offset(now);
        self.with_shown(|listing| listing.rows(now, offset))
    }

    /// The state of the shown list.
    pub fn phase(self) -> Phase {
        self.with_shown(|listing| listing.phase)
    }

    /// The shown list is empty.
    pub fn is_empty(self) -> bool {
        self.with_shown(|listing| listing.entries.is_empty())
    }

    /// The search text; empty without a search.
    pub fn search(self) -> ReadSignal<String> {
        self.search.read_only()
    }

    fn with_shown<T>(self, read: impl FnOnce(&Listing) -> T) -> T {
        let found = self.found.read();
        match &*found {
            Some(found) => read(found),
            None => self.all.with(read),
        }
    }

    /// Loads the newest entries, for the first time or again.
    pub fn load(self) {
        spawn_local(async move {
            match self.api.conversations(None, None).await {
                Ok(page) => {
                    let entries = self.entries(page.items);
                    self.all.update(|all| all.renew(entries, page.next));
                }
                // What is already listed stays.
                Err(_) => self.all.update(|all| {
                    if all.entries.is_empty() {
                        all.phase = Phase::Failed;
                    }
                }),
            }
        });
    }

    /// Clears everything, when another user signs in.
    pub fn clear(self) {
        self.all.set(Listing::default());
        self.found.set(None);
        self.search.set(String::new());
        self.known.update_value(HashMap::clear);
    }

    /// Loads the next page of the shown list, if there is one.
    pub fn load_more(self) {
        let search = self.search.get_untracked();
        let searching = self.found.with_untracked(Option::is_some);
        // Notify only of changes, because every change of a list at its end asks for more.
        let more = |listing: &Listing| listing.next.clone().filter(|_| listing.phase != Phase::LoadingMore);
        let Some(next) = untrack(|| self.with_shown(more)) else { return };
        self.change_shown(|listing| listing.phase = Phase::LoadingMore);
        spawn_local(async move {
            let page = self.api.conversations(searching.then(|| search.clone()), Some(next)).await;
            if searching && self.search.with_untracked(|now| *now != search) {
                return;
            }
            let page = page.map(|page| (self.entries(page.items), page.next));
            self.change_shown(|listing| match page {
                Ok((entries, next)) => listing.append(entries, next),
                Err(_) => listing.phase = Phase::Failed,
            });
        });
    }

    fn change_shown<T>(self, change: impl FnOnce(&mut Listing) -> T) -> Option<T> {
        if self.found.with_untracked(Option::is_some) {
            self.found.try_update(|found| found.as_mut().map(change)).flatten()
        } else {
            self.all.try_update(change)
        }
    }

    /// Searches the titles for `text` after a pause in typing; an empty text shows the whole list.
    pub fn set_search(self, text: &str) {
        let text = text.trim().to_owned();
        if self.search.with_untracked(|now| *now == text) {
            return;
        }
        self.search.set(text.clone());
        if text.is_empty() {
            self.found.set(None);
            return;
        }
        spawn_local(async move {
            time::sleep(SEARCH_PAUSE).await;
            let is_current = || self.search.with_untracked(|now| *now == text);
            if !is_current() {
                return;
            }
            let page = self.api.conversations(Some(text.clone()), None).await;
            if !is_current() {
                return;
            }
            let mut found = Listing::default();
            match page {
                Ok(page) => found.append(self.entries(page.items), page.next),
                Err(_) => found.phase = Phase::Failed,
            }
            self.found.set(Some(found));
        });
    }

    fn entries(self, conversations: Vec<Conversation>) -> Vec<Entry> {
        conversations.into_iter().map(|conversation| self.note(conversation)).collect()
    }

    /// Updates the entry of a conversation.
    pub fn note(self, conversation: Conversation) -> Entry {
        let mut entry = self.entry(conversation.id);
        entry.updated_at = conversation.updated_at;
        set_if_changed(&entry.title, conversation.title);
        set_if_changed(&entry.model, conversation.model);
        self.known.update_value(|known| {
            known.insert(entry.id, entry.clone());
        });
        entry
    }

    /// Returns the entry of a conversation, which is created if it is unknown.
    pub fn entry(self, id: ConversationId) -> Entry {
        if let Some(entry) = self.known.with_value(|known| known.get(&id).cloned()) {
            return entry;
        }
        let entry = Entry {
            id,
            title: ArcRwSignal::new(String::new()),
            model: ArcRwSignal::new(None),
            settings: ArcRwSignal::default(),
            saving: ArcRwSignal::default(),
            updated_at: time::now(),
        };
        self.known.update_value(|known| {
            known.insert(id, entry.clone());
        });
        entry
    }

    /// Moves a conversation to the top, because a message was added to it.
    pub fn touch(self, id: ConversationId) {
        let mut entry = self.entry(id);
        entry.updated_at = time::now();
        self.known.update_value(|known| {
            known.insert(id, entry.clone());
        });
        self.all.update(|all| all.put_first(entry));
    }

    /// Inserts a new conversation, or updates one that has changed.
    pub fn upsert(self, conversation: Conversation) {
        let is_listed = self.all.with_untracked(|all| all.contains(conversation.id));
        let before = self.known.with_value(|known| known.get(&conversation.id).map(|entry| entry.updated_at));
        let entry = self.note(conversation);
        if !is_listed || before != Some(entry.updated_at) {
            self.all.update(|all| all.insert(entry));
        }
    }

    /// Removes a conversation.
    pub fn remove(self, id: ConversationId) {
        self.all.update(|all| drop(all.remove(id)));
        self.found.update(|found| drop(found.as_mut().map(|found| found.remove(id))));
    }

    /// Sets the title of a conversation that has none yet: a better one may have come through the feed already.
    pub fn set_first_title(self, id: ConversationId, title: String) {
        let signal = self.entry(id).title;
        if signal.with_untracked(String::is_empty) {
            signal.set(title);
        }
    }

    /// Renames a conversation optimistically: if the server refuses, the old title comes back.
    pub async fn rename(self, id: ConversationId, title: String) -> Result<(), Error> {
        let signal = self.entry(id).title;
        let before = signal.get_untracked();
        set_if_changed(&signal, title.clone());
        let change = UpdateConversation { title: Some(title), ..UpdateConversation::default() };
        let answer = self.api.update_conversation(id, &change).await;
        if answer.is_err() {
            set_if_changed(&signal, before);
        }
        answer
    }

    /// Sets the model of a conversation optimistically: if the server refuses, the old one comes back.
    pub async fn set_model(self, id: ConversationId, model: String) -> Result<(), Error> {
        let signal = self.entry(id).model;
        let before = signal.get_untracked();
        signal.set(Some(model.clone()));
        let change = UpdateConversation { model: Some(model.clone()), ..UpdateConversation::default() };
        let answer = self.api.update_conversation(id, &change).await;
        if answer.is_err() {
            signal.set(before);
        } else if signal.with_untracked(|now| *now == before) {
            // What was read before the change came after it.
            signal.set(Some(model));
        }
        answer
    }

    /// Deletes a conversation optimistically: if the server refuses, it comes back.
    pub async fn delete(self, id: ConversationId) -> Result<(), Error> {
        let from_all = self.all.try_update(|all| all.remove(id)).flatten();
        let from_found = self.found.try_update(|found| found.as_mut()?.remove(id)).flatten();
        let answer = self.api.delete_conversation(id).await;
        if answer.is_err() {
            if let Some((at, entry)) = from_all {
                self.all.update(|all| all.put_back(at, entry));
            }
            if let Some((at, entry)) = from_found {
                self.found.update(|found| {
                    if let Some(found) = found {
                        found.put_back(at, entry);
                    }
                });
            }
        }
        answer
    }
}

fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}
