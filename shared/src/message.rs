//! Messages and their parts.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, File, GenerationId, MessageId, problem::Problem, time::Millis};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// The status of a message. A user's message is always `complete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A generation is writing it.
    Streaming,
    /// It is complete.
    Complete,
    /// The user stopped it.
    Stopped,
    /// The server stopped or the provider disconnected before its end. What has arrived is kept.
    Interrupted,
    /// The provider refused or failed. The last part says why.
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

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Text in Markdown.
    Text {
        /// The Markdown.
        text: String,
    },
    /// The model's reasoning before its answer.
    Reasoning {
        /// The reasoning, in Markdown.
        text: String,
        /// How long the reasoning took in milliseconds, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<u64>,
    },
    /// The model calls a tool.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as the model wrote them: JSON text, incomplete while it streams.
        arguments: String,
    },
    /// The result of the tool call with the same id.
    ToolResult(ToolResult),
    /// A source of the text before it.
    Citation(Citation),
    /// A file that the user attached.
    File(File),
    /// The error that ended the reply.
    Error {
        /// What went wrong.
        problem: Problem,
    },
}

/// The result of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolResult {
    /// The provider's id of the call.
    pub id: String,
    /// The result as text. Empty if the provider does not disclose it.
    pub output: String,
    /// Whether the tool failed.
    #[serde(default)]
    pub is_error: bool,
}

/// A source that a reply cites.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Citation {
    /// The address. Empty for a source without one.
    pub url: String,
    /// The title. Empty if the provider does not report it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The cited text. Empty if the provider does not report it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
}

/// Why a model finished its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The reply is complete.
    Stop,
    /// The reply reached its maximum length and can be continued.
    Length,
    /// It waits for the results of its tool calls.
    ToolCalls,
    /// The provider's filter stopped it.
    ContentFilter,
    /// It declined to answer.
    Refusal,
    /// Another reason.
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

/// How much reasoning is requested from a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// None, if the model supports that.
    Off,
    /// A little.
    Low,
    /// Moderately.
    Medium,
    /// As much as it can.
    High,
}

/// Options for the model, stored with the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageOptions {
    /// The amount of reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Sampling temperature, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0.0, maximum = 2.0))]
    pub temperature: Option<f32>,
    /// The maximum number of tokens in the reply, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 1, maximum = 4_294_967_295_i64))]
    pub max_tokens: Option<u32>,
    /// The maximum number of tokens of the conversation that are sent, at least 1. The oldest messages are left out
    /// first; the last one is always sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 1, maximum = 4_294_967_295_i64))]
    pub context_tokens: Option<u32>,
}

impl MessageOptions {
    /// Whether no option is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// These options, with those that are not set taken from `defaults`.
    pub fn or(self, defaults: Self) -> Self {
        Self {
            effort: self.effort.or(defaults.effort),
            temperature: self.temperature.or(defaults.temperature),
            max_tokens: self.max_tokens.or(defaults.max_tokens),
            context_tokens: self.context_tokens.or(defaults.context_tokens),
        }
    }
}

/// How much of the model's context window a request used, and what did not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContextUse {
    /// Tokens of the messages that were sent.
    pub used_tokens: u64,
    /// Tokens that can be sent.
    pub window_tokens: u64,
    /// How many of the oldest messages of the branch did not fit and were dropped.
    #[serde(default)]
    pub dropped_messages: u32,
    /// Whether `used_tokens` is an estimate and not the provider's count.
    #[serde(default)]
    pub estimated: bool,
}

/// The tokens and the cost of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens in the prompt, including cached ones.
    pub input_tokens: u64,
    /// Tokens in the reply, including reasoning.
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
    /// The cost in millionths of a US dollar, as reported by the provider or calculated from the model's prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// Whether these are estimates, because the provider reported no usage.
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
    /// The previous message in the tree, or `None` for the first. Messages with the same parent are siblings.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub author: Author,
    /// Its status.
    pub status: Status,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The model that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The generation that wrote or is writing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_id: Option<GenerationId>,
    /// Tokens and cost, once they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Why the model finished, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// The options of the request.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
    /// How much of the model's context window the request used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextUse>,
    /// All messages with the same parent including this one, oldest first. Empty if it is the only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<MessageId>,
    /// When it was created.
    pub created_at: Millis,
}

impl Message {
    /// The joined text parts.
    pub fn text(&self) -> String {
        text_of(&self.parts)
    }
}

impl Part {
    /// Whether this is the error that ended a reply.
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error { .. })
    }
}

/// Joins the text parts of `parts`.
pub fn text_of(parts: &[Part]) -> String {
    parts
        .iter()
        .filter_map(|part| if let Part::Text { text } = part { Some(text.as_str()) } else { None })
        .collect()
}
