//! What a model says, in no provider's words.

use kaiwa_shared::{
    message::{Citation, ToolResult, Usage},
    stream::ToolCallDelta,
};

/// A piece of a provider's own JSON that nobody else understands: a signature, encrypted reasoning, a block of a kind
/// that has no neutral form. It is stored beside the text and goes back, in its place, to the same provider only.
/// Where it completes a neutral piece it holds only what that piece lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native(pub serde_json::Value);

/// Why a reply is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model had said what it wanted to say.
    Stop,
    /// The reply reached its longest allowed length.
    Length,
    /// The model waits for the results of its tool calls.
    ToolCalls,
    /// The provider's filter stopped it.
    ContentFilter,
    /// The model declined to answer; what it said about that came as [`Event::Text`].
    Refusal,
    /// A reason that only its provider knows.
    Other(String),
}

/// One thing that a model's stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// More text. Never empty.
    Text(String),
    /// More reasoning. Never empty.
    Reasoning(String),
    /// Everything said as [`Event::Text`] so far was reasoning: the model's template had opened the thought, so that
    /// only its closing tag came, and now.
    TextWasReasoning,
    /// More of a tool call.
    ToolCall(ToolCallDelta),
    /// What a tool answered that the provider ran itself.
    ToolResult(ToolResult),
    /// A source that the text so far rests on.
    Citation(Citation),
    /// What the piece before it (text, reasoning or tool call) needs to be sent back unchanged, or a whole block that
    /// has no neutral form.
    Native(Native),
    /// The cost so far; the last one counts.
    Usage(Usage),
    /// The reply is whole. Always the last event of a stream that did not fail, apart from a trailing `Usage`.
    Finish(FinishReason),
}
