//! A model's reply, independent of the provider.

use kaiwa_shared::{
    message::{Citation, Finish, ToolResult, Usage},
    stream::ToolCallDelta,
};

/// A piece of a provider's own JSON that only that provider understands: a signature, encrypted reasoning, or a block
/// without a neutral form. It is stored with the text and sent back, in its position, to the same provider only. If
/// it completes neutral content, it holds only what that content lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderBlock(pub serde_json::Value);

/// Why a reply ended without text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoText {
    /// The reply reached its maximum length before the answer; usually the reasoning used it up.
    Limit,
    /// The model called a tool in a form that the provider could not read.
    MalformedCall,
    /// The reply has content without a neutral form, and this is the name of its kind or field.
    UnknownContent(String),
    /// There is only the finish reason as the provider spells it, which may be empty.
    Unexplained(String),
}

/// One event of a model's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// More text. Never empty.
    Text(String),
    /// More reasoning. Never empty.
    Reasoning(String),
    /// All [`Event::Text`] so far was reasoning: the model's template opened the thought, so only its closing tag
    /// arrived, just now.
    TextWasReasoning,
    /// A piece of a tool call.
    ToolCall(ToolCallDelta),
    /// The result of a tool that the provider ran itself.
    ToolResult(ToolResult),
    /// A source of the text so far.
    Citation(Citation),
    /// What must be sent back with the content before it (text, reasoning or tool call), or a whole block without a
    /// neutral form.
    ProviderBlock(ProviderBlock),
    /// The usage so far; the last one counts.
    Usage(Usage),
    /// The reply ends without text, and not because it only calls tools. Comes directly before [`Event::Finish`].
    NoText(NoText),
    /// The reply is complete. The last event of a successful stream, except for a trailing `Usage`.
    Finish(Finish),
}
