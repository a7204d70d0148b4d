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
    /// Why the reply ends here.
    Error {
        /// What went wrong.
        problem: Problem,
    },
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
    /// When it was made.
    pub created_at: Millis,
}

impl Message {
    /// The text parts, joined: what a reader copies.
    pub fn text(&self) -> String {
        text_of(&self.parts)
    }
}

/// The text parts of `parts`, joined.
pub fn text_of(parts: &[Part]) -> String {
    parts
        .iter()
        .filter_map(|part| if let Part::Text { text } = part { Some(text.as_str()) } else { None })
        .collect()
}
