//! What a model says, in no provider's words.

/// More of a tool call, or all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCallDelta {
    /// Position of the call among the reply's calls, from 0 without gaps.
    pub index: u32,
    /// The provider's id of the call; empty when this piece does not bring it.
    pub id: String,
    /// The tool's name; empty when this piece does not bring it.
    pub name: String,
    /// More of the arguments' JSON text.
    pub arguments: String,
}

/// What a reply cost, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input_tokens: u64,
    /// Tokens of the reply, reasoning included.
    pub output_tokens: u64,
    /// How many of the prompt's tokens came from the provider's cache.
    pub cached_tokens: u64,
    /// How many of the reply's tokens were reasoning.
    pub reasoning_tokens: u64,
}

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
    /// The cost so far; the last one counts.
    Usage(Usage),
    /// The reply is whole. Always the last event of a stream that did not fail, apart from a trailing `Usage`.
    Finish(FinishReason),
}
