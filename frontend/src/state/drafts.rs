//! Drafts: messages that were typed and not sent, for each account and conversation.

use kaiwa_shared::{
    Content, ContentPart, ConversationId, File, UserId, conversation::ConversationSettings, time::Millis,
};
use serde::{Deserialize, Serialize};

use crate::browser::{storage, time};

const PREFIX: &str = "kaiwa.draft.";

/// The key of the settings of a new conversation, before the account.
const SETTINGS: &str = "kaiwa.settings.";

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
    // Earlier versions stored `text`.
    #[serde(alias = "text")]
    content: Content,
    #[serde(default)]
    files: Vec<File>,
    saved_at: Millis,
}

/// Reads a draft and the files in it; empty if there is none.
pub fn read(key: DraftKey) -> (Content, Vec<File>) {
    storage::get(&key.storage_key())
        .and_then(|stored| serde_json::from_str::<Draft>(&stored).ok())
        .map_or_else(Default::default, |draft| (draft.content, draft.files))
}

/// Saves a draft with what is known about its files; a blank one is removed.
pub fn save(key: DraftKey, content: Content, files: Vec<File>) {
    if content.is_blank() {
        return remove(key);
    }
    let draft = Draft { content, files, saved_at: time::now() };
    if let Ok(stored) = serde_json::to_string(&draft) {
        storage::set(&key.storage_key(), &stored);
    }
    forget_oldest();
}

/// Removes a draft.
pub fn remove(key: DraftKey) {
    storage::remove(&key.storage_key());
}

/// Reads the settings that were chosen for a new conversation.
pub fn read_settings(user: UserId) -> ConversationSettings {
    let stored = storage::get(&format!("{SETTINGS}{user}"));
    stored.and_then(|stored| serde_json::from_str(&stored).ok()).unwrap_or_default()
}

/// Saves the settings that are chosen for a new conversation; the defaults are removed.
pub fn save_settings(user: UserId, settings: &ConversationSettings) {
    let key = format!("{SETTINGS}{user}");
    match serde_json::to_string(settings) {
        Ok(stored) if !settings.is_default() => storage::set(&key, &stored),
        _ => storage::remove(&key),
    }
}

/// Removes all drafts.
pub fn wipe() {
    for key in storage::keys(PREFIX).into_iter().chain(storage::keys(SETTINGS)) {
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
fn surplus(mut dated: Vec<(Millis, String)>, max: usize) -> Vec<String> {
    dated.sort_by_key(|(saved_at, _)| std::cmp::Reverse(*saved_at));
    dated.into_iter().skip(max).map(|(_, key)| key).collect()
}

/// Puts content that could not be sent in front of what was typed since.
pub fn restore(unsent: &Content, typed: &Content) -> Content {
    if typed.is_blank() {
        return unsent.clone();
    }
    if unsent.is_empty() {
        return typed.clone();
    }
    let paragraph_break = ContentPart::Text { text: "\n\n".into() };
    Content::new(unsent.parts().iter().chain([&paragraph_break]).chain(typed.parts()).cloned())
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
        let restored = |unsent: &str, typed: &str| restore(&unsent.into(), &typed.into()).text();
        assert_eq!(restored("question", ""), "question");
        assert_eq!(restored("question", "and another"), "question\n\nand another");
        assert_eq!(restored("", "typed"), "typed");
    }

    #[test]
    fn a_draft_of_an_earlier_version_is_read() {
        let read = |stored: &str| serde_json::from_str::<Draft>(stored).unwrap();
        let draft = read(r#"{"text":"Hello","saved_at":3}"#);
        assert_eq!((draft.content.text().as_str(), draft.saved_at), ("Hello", Millis(3)));
        let stored = serde_json::to_string(&draft).unwrap();
        assert_eq!(read(&stored).content, draft.content);
    }
}
