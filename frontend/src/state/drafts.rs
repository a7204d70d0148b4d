//! What was typed and not yet sent, for each account and conversation.

use kaiwa_shared::{ConversationId, UserId, time::Millis};
use serde::{Deserialize, Serialize};

use crate::browser::{storage, time};

const PREFIX: &str = "kaiwa.draft.";

/// How many drafts are kept; the oldest go first.
const MOST: usize = 50;

/// Where a draft belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose it is.
    pub user: UserId,
    /// The conversation; `None` for one that has not begun.
    pub conversation: Option<ConversationId>,
}

impl Place {
    // One entry for each place, so that two tabs in two conversations never write over one another.
    fn key(self) -> String {
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

/// What is kept for a place.
pub fn read(place: Place) -> String {
    storage::get(&place.key())
        .and_then(|stored| serde_json::from_str::<Draft>(&stored).ok())
        .map_or_else(String::new, |draft| draft.text)
}

/// Keeps `text` for a place; nothing is kept of an empty one.
pub fn save(place: Place, text: &str) {
    if text.trim().is_empty() {
        storage::remove(&place.key());
        return;
    }
    let draft = Draft { text: text.to_owned(), saved_at: time::now() };
    if let Ok(stored) = serde_json::to_string(&draft) {
        storage::set(&place.key(), &stored);
    }
    forget_oldest();
}

/// Forgets every draft.
pub fn wipe() {
    for key in storage::keys(PREFIX) {
        storage::remove(&key);
    }
}

fn forget_oldest() {
    let keys = storage::keys(PREFIX);
    if keys.len() <= MOST {
        return;
    }
    let saved_at = |key: &String| {
        let stored = storage::get(key).and_then(|stored| serde_json::from_str::<Draft>(&stored).ok());
        stored.map_or(Millis(0), |draft| draft.saved_at)
    };
    let dated = keys.into_iter().map(|key| (saved_at(&key), key)).collect();
    for key in surplus(dated, MOST) {
        storage::remove(&key);
    }
}

/// The keys that go when only the `most` newest stay.
fn surplus(mut dated: Vec<(Millis, String)>, most: usize) -> Vec<String> {
    dated.sort_by_key(|(saved_at, _)| std::cmp::Reverse(*saved_at));
    dated.into_iter().skip(most).map(|(_, key)| key).collect()
}

/// Puts a text that could not be sent back in front of what was typed meanwhile.
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
    fn the_oldest_drafts_go_first() {
        let dated = vec![(Millis(3), "c".into()), (Millis(1), "a".into()), (Millis(2), "b".into())];
        assert_eq!(surplus(dated, 2), ["a"]);
    }

    #[test]
    fn a_text_that_was_not_sent_comes_back_without_losing_what_was_typed_meanwhile() {
        assert_eq!(restore("question", ""), "question");
        assert_eq!(restore("question", "and another"), "question\n\nand another");
        assert_eq!(restore("", "typed"), "typed");
    }
}
