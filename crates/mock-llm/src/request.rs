//! The part of a chat completion request that the mock looks at.

use serde::Deserialize;
use serde_json::Value;

/// A chat completion request.
#[derive(Debug, Deserialize)]
pub(crate) struct ChatRequest {
    pub(crate) model: String,
    pub(crate) messages: Vec<ChatMessage>,
    #[serde(default)]
    pub(crate) stream: bool,
    pub(crate) stream_options: Option<StreamOptions>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct StreamOptions {
    #[serde(default)]
    pub(crate) include_usage: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ChatMessage {
    role: String,
    #[serde(default)]
    content: Value,
}

impl ChatMessage {
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }
}

impl ChatRequest {
    /// What the user said last.
    pub(crate) fn last_user_text(&self) -> String {
        self.user_texts().last().unwrap_or_default()
    }

    /// What the user said first.
    pub(crate) fn first_user_text(&self) -> String {
        self.user_texts().next().unwrap_or_default()
    }

    fn user_texts(&self) -> impl Iterator<Item = String> + '_ {
        self.messages.iter().filter(|message| message.role == "user").map(ChatMessage::text)
    }

    /// A client asks for the title of a conversation, not for a reply.
    pub(crate) fn wants_title(&self) -> bool {
        self.messages
            .iter()
            .filter(|message| message.role == "system" || message.role == "developer")
            .map(|message| message.text().to_lowercase())
            .any(|text| text.contains("title") || text.contains("标题"))
    }

    /// An estimate of the prompt's length, in tokens.
    pub(crate) fn prompt_tokens(&self) -> usize {
        self.messages.iter().map(|message| message.text().chars().count().div_ceil(4)).sum()
    }
}
