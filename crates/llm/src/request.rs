//! What a model is asked, in no provider's words.

use bytes::Bytes;
use kaiwa_shared::message::Effort;

use crate::Native;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions of the operator.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Tools that the model called; the message holds nothing but [`Content::ToolResult`].
    Tool,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text or Markdown.
    Text(String),
    /// What the model thought in an earlier turn; sent back only where a provider asks for it.
    Reasoning(String),
    /// A tool that the model called in an earlier turn.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as JSON text.
        arguments: String,
    },
    /// What a tool answered.
    ToolResult {
        /// The provider's id of the call.
        id: String,
        /// The tool's name; some protocols find the call by it.
        name: String,
        /// The answer as text.
        output: String,
        /// The tool failed.
        is_error: bool,
    },
    /// A picture.
    Image {
        /// Its media type, as `image/png`.
        media_type: String,
        /// Its bytes.
        data: Bytes,
    },
    /// What this same provider said beside the content before it, to be sent back unchanged; an adapter that did not
    /// make it passes over it.
    Native(Native),
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// Its arguments as JSON Schema.
    pub parameters: serde_json::Value,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub content: Vec<Content>,
}

impl Message {
    /// A message that is one text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: vec![Content::Text(text.into())] }
    }
}

/// One question to a model. If the last message is the assistant's own, it is to be continued (prefill).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model as its provider calls it.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Most tokens of the reply; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// Sampling temperature; `None` leaves it to the provider.
    pub temperature: Option<f32>,
    /// `false` asks for the whole reply at once (`STREAM_RESPONSE=false`); the events are the same.
    pub stream: bool,
    /// How hard to think; `None` leaves it to the provider.
    pub effort: Option<Effort>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// A name for the conversation that does not change, for providers that keep something between turns
    /// (`FastGPT`'s `chatId`, a cache key). It says nothing about the person.
    pub conversation: Option<String>,
    /// Tokens that the prompt and its reply need together, where the caller knows better than a guess from the length
    /// of the text. Only for servers that cut off what does not fit into a window of which they must be told.
    pub context_tokens: Option<u64>,
}
