//! A message and what it is made of.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, GenerationId, MessageId, problem::Problem, time::Millis};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How far a message has come. A user's message is always `complete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A generation is writing it.
    Streaming,
    /// It is whole.
    Complete,
    /// Its reader stopped it.
    Stopped,
    /// The server or the provider went away in the middle; what had arrived is kept.
    Interrupted,
    /// The provider refused or failed; the last part says why.
    Failed,
}

impl Status {
    /// The status as it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// A piece of a message. The list of parts is what is stored, sent and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// What is said, in Markdown.
    Text {
        /// The Markdown.
        text: String,
    },
    /// What the model thought before it spoke.
    Reasoning {
        /// The thoughts, in Markdown.
        text: String,
        /// How long it thought, in milliseconds, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<u64>,
    },
    /// The model asks for a tool.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as the model wrote them: JSON text, possibly not yet complete.
        arguments: String,
    },
    /// What a tool returned. It belongs to the call of the same id, above it.
    ToolResult(ToolResult),
    /// A source that the text above it rests on.
    Citation(Citation),
    /// Why the reply ends here.
    Error {
        /// What went wrong.
        problem: Problem,
    },
}

/// What a tool returned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolResult {
    /// The provider's id of the call.
    pub id: String,
    /// The result as text; empty where the provider keeps it to itself.
    pub output: String,
    /// The tool failed.
    #[serde(default)]
    pub is_error: bool,
}

/// A source that a reply names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Citation {
    /// Where it is; empty for a source that has no address.
    pub url: String,
    /// What it is called; empty if the provider does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The words that are cited; empty if the provider does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
}

/// Why a model stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It had said what it wanted to say.
    Stop,
    /// The reply reached its longest allowed length; it can be continued.
    Length,
    /// It waits for the results of its tool calls.
    ToolCalls,
    /// The provider's filter stopped it.
    ContentFilter,
    /// It declined to answer.
    Refusal,
    /// A reason that only its provider knows.
    #[serde(other)]
    Other,
}

impl Finish {
    /// The reason as it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::Other => "other",
        }
    }
}

/// How hard a model is asked to think before it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Not at all, where the model allows that.
    Off,
    /// A little.
    Low,
    /// Moderately.
    Medium,
    /// As much as it can.
    High,
}

/// What a request may ask of a model beyond its default; kept with the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageOptions {
    /// How hard it thinks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Sampling temperature, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// Most tokens of the reply, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl MessageOptions {
    /// Nothing is asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How much of the model's window a request filled, and what had to be left out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContextUse {
    /// Tokens of the messages that were sent.
    pub used_tokens: u64,
    /// Tokens that may be sent.
    pub window_tokens: u64,
    /// How many of the oldest messages of the branch were left out because they did not fit.
    #[serde(default)]
    pub dropped_messages: u32,
    /// `used_tokens` is our own estimate, not the provider's count.
    #[serde(default)]
    pub estimated: bool,
}

/// What a reply cost, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input_tokens: u64,
    /// Tokens of the reply, reasoning included.
    pub output_tokens: u64,
    /// How many of the prompt's tokens came from the provider's cache.
    #[serde(default)]
    pub cached_tokens: u64,
    /// How many of the reply's tokens were reasoning.
    #[serde(default)]
    pub reasoning_tokens: u64,
    /// How many of the prompt's tokens were written to the provider's cache.
    #[serde(default)]
    pub cache_write_tokens: u64,
    /// What the provider says it cost, or what it costs by the model's prices, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// The provider did not say; these are our own estimates.
    #[serde(default)]
    pub estimated: bool,
}

/// A message as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The conversation that it belongs to.
    pub conversation_id: ConversationId,
    /// The message above it; `None` at the top. Messages with the same parent are alternatives.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub author: Author,
    /// How far it has come.
    pub status: Status,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// The model that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The generation that wrote or is writing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_id: Option<GenerationId>,
    /// What it cost, where the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Why the model stopped, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// What was asked of the model beyond its default.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
    /// How much of the model's window the request for this reply filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextUse>,
    /// Every message that hangs where this one does, itself included, oldest first; empty if it is the only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<MessageId>,
    /// When it was made.
    pub created_at: Millis,
}

impl Message {
    /// The text parts, joined: what a reader copies.
    pub fn text(&self) -> String {
        text_of(&self.parts)
    }
}

impl Part {
    /// It says why a reply ended, and is no part of what the reply says.
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error { .. })
    }
}

/// The text parts of `parts`, joined.
pub fn text_of(parts: &[Part]) -> String {
    parts
        .iter()
        .filter_map(|part| if let Part::Text { text } = part { Some(text.as_str()) } else { None })
        .collect()
}
