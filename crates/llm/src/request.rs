//! A request to a model, independent of the provider.

use bytes::Bytes;
use kaiwa_shared::message::Effort;

use crate::ProviderBlock;

/// Who wrote the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The administrator's instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Results of tool calls; the message consists of [`Content::ToolResult`] only.
    Tool,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text or Markdown.
    Text(String),
    /// Reasoning of an earlier turn; sent back only to providers that need it.
    Reasoning(String),
    /// A tool call of an earlier turn.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as JSON text.
        arguments: String,
    },
    /// The result of a tool.
    ToolResult {
        /// The provider's id of the call.
        id: String,
        /// The tool's name; some protocols identify the call by it.
        name: String,
        /// The result as text.
        output: String,
        /// The tool failed.
        is_error: bool,
    },
    /// An image.
    Image {
        /// Its media type, such as `image/png`.
        media_type: String,
        /// Its bytes.
        data: Bytes,
    },
    /// A document that the provider reads itself: a PDF. Only for models of which [`Provider::reads_pdf`] is true.
    ///
    /// [`Provider::reads_pdf`]: crate::Provider::reads_pdf
    Document {
        /// Its name.
        name: String,
        /// Its media type: `application/pdf`.
        media_type: String,
        /// Its bytes.
        data: Bytes,
    },
    /// A provider block that belongs to the content before it; adapters ignore blocks of other protocols.
    ProviderBlock(ProviderBlock),
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
    /// Who wrote the message.
    pub role: Role,
    /// The contents, in order.
    pub content: Vec<Content>,
}

impl Message {
    /// A message with a single text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: vec![Content::Text(text.into())] }
    }
}

/// One request to a model. If the last message is the assistant's, the model continues it (prefill).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The provider's name for the model.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Maximum tokens of the reply; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// Sampling temperature; `None` leaves it to the provider.
    pub temperature: Option<f32>,
    /// `false` requests the whole reply at once (`STREAM_RESPONSE=false`); the events are the same.
    pub stream: bool,
    /// How hard the model thinks; `None` leaves it to the provider.
    pub effort: Option<Effort>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// A stable, anonymous name for the conversation, for providers that keep state between turns (`FastGPT`'s
    /// `chatId`, a cache key).
    pub conversation: Option<String>,
    /// Tokens that the prompt and its reply need together, if the caller has a better estimate than the length of the
    /// text. Only for servers that must be told the size of the window.
    pub context_tokens: Option<u64>,
}
