//! A list of conversations, as far as it has been loaded.

use kaiwa_shared::{ConversationId, conversation::ConversationSettings, time::Millis};
use leptos::prelude::ArcRwSignal;

use super::{Period, Saving};

/// A conversation in a list.
#[derive(Clone)]
pub struct Entry {
    /// The conversation's id.
    pub id: ConversationId,
    /// Its title; empty until it has one.
    pub title: ArcRwSignal<String>,
    /// The model of its next message; `None` means the default.
    pub model: ArcRwSignal<Option<String>>,
    /// Its settings, once its messages were loaded.
    pub settings: ArcRwSignal<ConversationSettings>,
    /// Whether the server has them.
    pub saving: ArcRwSignal<Saving>,
    /// When the last message was added.
    pub updated_at: Millis,
}

/// The state of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The first page is being loaded.
    #[default]
    Loading,
    /// The list can be shown.
    Ready,
    /// Another page is being loaded.
    LoadingMore,
    /// A page could not be loaded.
    Failed,
}

/// A list of conversations, newest first.
#[derive(Clone, Default)]
pub struct Listing {
    /// The entries that have been loaded.
    pub entries: Vec<Entry>,
    /// The key of the next page; `None` on the last one.
    pub next: Option<String>,
    /// The state of the list.
    pub phase: Phase,
}

/// A row of the sidebar.
#[derive(Clone)]
pub enum Row {
    /// The heading of a period.
    Heading(Period),
    /// A conversation.
    Conversation(Entry),
}

/// Identifies a row while the list changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// A heading, by its period.
    Heading(Period),
    /// A conversation, by its id.
    Conversation(ConversationId),
}

impl Row {
    /// The row's key.
    pub fn key(&self) -> RowKey {
        match self {
            Self::Heading(period) => RowKey::Heading(*period),
            Self::Conversation(entry) => RowKey::Conversation(entry.id),
        }
    }
}

impl Listing {
    /// Appends a page, without entries that the list already has.
    pub fn append(&mut self, page: Vec<Entry>, next: Option<String>) {
        for entry in page {
            if !self.contains(entry.id) {
                self.entries.push(entry);
            }
        }
        self.next = next;
        self.phase = Phase::Ready;
    }

    /// Replaces the first page. Later pages stay.
    pub fn renew(&mut self, page: Vec<Entry>, next: Option<String>) {
        let last = page.last().map(|entry| entry.updated_at);
        let before = std::mem::replace(&mut self.entries, page);
        let beyond: Vec<_> = before
            .into_iter()
            .filter(|entry| next.is_some() && Some(entry.updated_at) < last && !self.contains(entry.id))
            .collect();
        if beyond.is_empty() {
            self.next = next;
        }
        self.entries.extend(beyond);
        self.phase = Phase::Ready;
    }

    /// Inserts a conversation by its time. One that is older than all loaded entries comes with its page.
    pub fn insert(&mut self, entry: Entry) {
        self.remove(entry.id);
        let at = self.entries.iter().position(|other| other.updated_at <= entry.updated_at);
        match at {
            Some(at) => self.entries.insert(at, entry),
            None if self.next.is_none() => self.entries.push(entry),
            None => {}
        }
    }

    /// The list contains this conversation.
    pub fn contains(&self, id: ConversationId) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }

    /// Moves a conversation to the top.
    pub fn put_first(&mut self, entry: Entry) {
        self.remove(entry.id);
        self.entries.insert(0, entry);
    }

    /// Removes a conversation and returns its index.
    pub fn remove(&mut self, id: ConversationId) -> Option<(usize, Entry)> {
        let at = self.entries.iter().position(|entry| entry.id == id)?;
        Some((at, self.entries.remove(at)))
    }

    /// Puts a conversation back at its index.
    pub fn put_back(&mut self, at: usize, entry: Entry) {
        self.entries.insert(at.min(self.entries.len()), entry);
    }

    /// The list with its headings.
    pub fn rows(&self, now: Millis, utc_offset: i64) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.entries.len() + 6);
        let mut current = None;
        for entry in &self.entries {
            let period = Period::of(entry.updated_at, now, utc_offset);
            if current != Some(period) {
                current = Some(period);
                rows.push(Row::Heading(period));
            }
            rows.push(Row::Conversation(entry.clone()));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(updated_at: i64) -> Entry {
        Entry {
            id: ConversationId::new(),
            title: ArcRwSignal::new(String::new()),
            model: ArcRwSignal::new(None),
            settings: ArcRwSignal::default(),
            saving: ArcRwSignal::default(),
            updated_at: Millis(updated_at),
        }
    }

    const DAY: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn each_period_has_one_heading() {
        let now = 100 * DAY;
        let mut listing = Listing::default();
        listing.append(vec![entry(now), entry(now - 1), entry(now - DAY), entry(now - 5 * DAY)], None);
        let keys: Vec<_> =
            listing.rows(Millis(now), 0).iter().map(|row| matches!(row, Row::Heading(_))).collect();
        assert_eq!(keys, [true, false, true, false, false, true, false]);
    }

    #[test]
    fn an_overlapping_page_adds_no_duplicates() {
        let (first, second) = (entry(2), entry(1));
        let mut listing = Listing::default();
        listing.append(vec![first.clone(), second.clone()], Some("2".into()));
        listing.append(vec![second, entry(0)], None);
        assert_eq!(listing.entries.len(), 3);
        assert_eq!(listing.next, None);
        listing.put_first(first);
        assert_eq!(listing.entries.len(), 3);
    }

    fn times(listing: &Listing) -> Vec<i64> {
        listing.entries.iter().map(|entry| entry.updated_at.0).collect()
    }

    #[test]
    fn reloading_keeps_later_pages_and_drops_deleted_entries() {
        let (gone, kept) = (entry(8), entry(7));
        let mut listing = Listing::default();
        listing.append(vec![gone, kept.clone(), entry(6)], Some("6".into()));
        listing.append(vec![entry(5), entry(4)], Some("4".into()));
        listing.renew(vec![entry(9), kept], Some("7".into()));
        assert_eq!(times(&listing), [9, 7, 6, 5, 4]);
        assert_eq!(listing.next.as_deref(), Some("4"));

        listing.renew(vec![entry(9)], None);
        assert_eq!((times(&listing), listing.next), (vec![9], None));
    }

    #[test]
    fn a_conversation_is_inserted_by_its_time() {
        let mut listing = Listing::default();
        listing.append(vec![entry(9), entry(5)], Some("5".into()));
        listing.insert(entry(7));
        listing.insert(entry(10));
        assert_eq!(times(&listing), [10, 9, 7, 5]);
        listing.insert(entry(1));
        assert_eq!(times(&listing), [10, 9, 7, 5], "it comes with its page");
        listing.next = None;
        listing.insert(entry(1));
        assert_eq!(times(&listing), [10, 9, 7, 5, 1]);
    }

    #[test]
    fn a_removed_entry_returns_to_its_index() {
        let entries = [entry(3), entry(2), entry(1)];
        let mut listing = Listing::default();
        listing.append(entries.to_vec(), None);
        let id = entries[1].id;
        let (at, taken) = listing.remove(id).unwrap();
        assert!(!listing.contains(id));
        listing.put_back(at, taken);
        assert_eq!(listing.entries[1].id, id);
    }
}
