//! Where a query occurs in the messages.

use kaiwa_shared::MessageId;

use super::text::text_of;
use crate::state::chat::MessageHandle;

/// An occurrence: the message, and which one in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) message: MessageId,
    pub(super) nth: usize,
    /// The place of the message among all.
    at: usize,
}

/// The texts of the messages in their order, folded. Each is read once.
#[derive(Debug, Default)]
pub(super) struct Index {
    texts: Vec<(MessageId, String)>,
}

impl Index {
    /// Reads up to `limit` more messages. Returns whether all have been read.
    pub(super) fn read(&mut self, messages: &[MessageHandle], limit: usize) -> bool {
        let known =
            self.texts.iter().zip(messages).take_while(|((id, _), message)| *id == message.id).count();
        self.texts.truncate(known);
        let next = messages.iter().skip(known).take(limit);
        self.texts.extend(next.map(|message| (message.id, text_of(message))));
        self.texts.len() == messages.len()
    }

    /// Forgets the last message, which may have grown.
    pub(super) fn forget_last(&mut self) {
        self.texts.pop();
    }

    /// Every occurrence of a folded query.
    pub(super) fn find(&self, query: &str) -> Vec<Match> {
        let mut found = Vec::new();
        if !query.is_empty() {
            for (at, (message, text)) in self.texts.iter().enumerate() {
                let count = text.matches(query).count();
                found.extend((0..count).map(|nth| Match { message: *message, nth, at }));
            }
        }
        found
    }

    /// The first occurrence at or after a message, or else the first one; `None` without any.
    pub(super) fn nearest(&self, found: &[Match], from: Option<MessageId>) -> Option<usize> {
        let from = self.texts.iter().position(|(id, _)| Some(*id) == from).unwrap_or_default();
        let after = found.iter().position(|one| one.at >= from);
        after.or((!found.is_empty()).then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{Content, time::Millis};

    use super::*;

    fn messages(texts: &[&str]) -> Vec<MessageHandle> {
        let sent =
            |text: &&str| MessageHandle::sent(MessageId::new(), None, &Content::from(*text), Millis(0));
        texts.iter().map(sent).collect()
    }

    #[test]
    fn every_occurrence_is_found_in_order() {
        let messages = messages(&["Tea and tea", "coffee", "喝茶 TEA"]);
        let mut index = Index::default();
        assert!(!index.read(&messages, 2));
        assert!(index.read(&messages, 2));
        let at = |query| {
            let found = index.find(query);
            found.iter().map(|one| (one.at, one.nth)).collect::<Vec<_>>()
        };
        assert_eq!(at("tea"), [(0, 0), (0, 1), (2, 0)]);
        assert_eq!(at("茶"), [(2, 0)]);
        assert!(at("milk").is_empty());
        assert!(at("").is_empty());
    }

    #[test]
    fn the_search_begins_at_the_view() {
        let messages = messages(&["tea", "coffee", "tea"]);
        let mut index = Index::default();
        index.read(&messages, 10);
        let found = index.find("tea");
        for (from, expected) in [(None, 0), (Some(0), 0), (Some(1), 1), (Some(2), 1)] {
            let from = from.map(|at: usize| messages[at].id);
            assert_eq!(index.nearest(&found, from), Some(expected));
        }
        assert_eq!(index.nearest(&found[..1], Some(messages[2].id)), Some(0), "it begins again");
        assert_eq!(index.nearest(&[], None), None);
    }
}
