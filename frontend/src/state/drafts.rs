//! Drafts: text that was typed and not sent, for each account and conversation.

use kaiwa_shared::{ConversationId, UserId, time::Millis};
use serde::{Deserialize, Serialize};

use crate::browser::{storage, time};

const PREFIX: &str = "kaiwa.draft.";

/// Maximum number of drafts; the oldest are removed first.
const MAX_DRAFTS: usize = 50;

/// The account and the conversation of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftKey {
    /// The account.
    pub user: UserId,
    /// The conversation; `None` for a new one.
    pub conversation: Option<ConversationId>,
}

impl DraftKey {
    // Each conversation has its own entry, so that two tabs never overwrite each other.
    fn storage_key(self) -> String {
        match self.conversation {
            Some(id) => format!("{PREFIX}{}.{id}", self.user),
            None => format!("{PREFIX}{}.new", self.user),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Draft {
    text: String,
    saved_at: Millis,
}

/// Reads a draft; empty if there is none.
pub fn read(key: DraftKey) -> String {
    storage::get(&key.storage_key())
        .and_then(|stored| serde_json::from_str::<Draft>(&stored).ok())
        .map_or_else(String::new, |draft| draft.text)
}

/// Saves a draft; an empty one is removed.
pub fn save(key: DraftKey, text: &str) {
    if text.trim().is_empty() {
        storage::remove(&key.storage_key());
        return;
    }
    let draft = Draft { text: text.to_owned(), saved_at: time::now() };
    if let Ok(stored) = serde_json::to_string(&draft) {
        storage::set(&key.storage_key(), &stored);
    }
    forget_oldest();
}

/// Removes all drafts.
pub fn wipe() {
    for key in storage::keys(PREFIX) {
        storage::remove(&key);
    }
}

fn forget_oldest() {
    let keys = storage::keys(PREFIX);
    if keys.len() <= MAX_DRAFTS {
        return;
    }
    let saved_at = |key: &String| {
        let stored = storage::get(key).and_then(|stored| serde_json::from_str::<Draft>(&stored).ok());
        stored.map_or(Millis(0), |draft| draft.saved_at)
    };
    let dated = keys.into_iter().map(|key| (saved_at(&key), key)).collect();
    for key in surplus(dated, MAX_DRAFTS) {
        storage::remove(&key);
    }
}

/// The keys of all but the `max` newest drafts.
fn surplus(mut dated: Vec<(Millis, String)>, most: usize) -> Vec<String> {
    dated.sort_by_key(|(saved_at, _)| std::cmp::Reverse(*saved_at));
    dated.into_iter().skip(most).map(|(_, key)| key).collect()
}

/// Puts a text that could not be sent in front of the text that was typed since.
pub fn restore(unsent: &str, typed: &str) -> String {
    if typed.trim().is_empty() {
        unsent.to_owned()
    } else if unsent.is_empty() {
        typed.to_owned()
    } else {
        format!("{unsent}\n\n{typed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_drafts_are_removed_first() {
        let dated = vec![(Millis(3), "c".into()), (Millis(1), "a".into()), (Millis(2), "b".into())];
        assert_eq!(surplus(dated, 2), ["a"]);
    }

    #[test]
    fn an_unsent_text_comes_back_in_front_of_newer_text() {
        assert_eq!(restore("question", ""), "question");
        assert_eq!(restore("question", "and another"), "question\n\nand another");
        assert_eq!(restore("", "typed"), "typed");
    }
}
