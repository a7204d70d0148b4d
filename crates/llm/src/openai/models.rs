//! A provider's own list of models.

use serde::Deserialize;

use crate::abilities::Listed;

/// Parts of names of models that do not chat, as OpenAI and its imitators name them.
const NOT_CHAT: &[&str] = &[
    "embed",
    "whisper",
    "tts",
    "dall-e",
    "moderation",
    "transcribe",
    "realtime",
    "audio",
    "image",
    "davinci",
    "babbage",
    "sora",
    "rerank",
    "codex",
];

/// What `GET /models` answers.
#[derive(Deserialize)]
pub(super) struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

/// The models that chat, sorted by id.
pub(super) fn listed(list: List) -> Vec<Listed> {
    let chats = |id: &String| {
        let id = id.to_lowercase();
        !NOT_CHAT.iter().any(|part| id.contains(part))
    };
    let mut ids: Vec<String> = list.data.into_iter().map(|entry| entry.id).filter(chats).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| Listed { id, ..Listed::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_chat_are_listed_once_and_in_order() {
        let body = br#"{"object":"list","data":[{"id":"gpt-5-mini","object":"model"},{"id":"text-embedding-3-small"},
            {"id":"gpt-4.1"},{"id":"whisper-1"},{"id":"gpt-4.1"}]}"#;
        let models = listed(serde_json::from_slice(body).unwrap());
        assert_eq!(
            models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(),
            ["gpt-4.1", "gpt-5-mini"]
        );
    }
}
