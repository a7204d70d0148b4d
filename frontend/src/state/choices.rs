//! For which questions the user has chosen one of several answers, for as long as the tab is open.

use kaiwa_shared::MessageId;

use crate::browser::storage;

fn key_of(question: MessageId) -> String {
    format!("kaiwa.chosen.{question}")
}

/// An answer was chosen.
pub fn is_made(question: MessageId) -> bool {
    storage::get_in_tab(&key_of(question)).is_some()
}

/// Remembers that an answer is chosen.
pub fn save(question: MessageId) {
    storage::set_in_tab(&key_of(question), Some("1"));
}
