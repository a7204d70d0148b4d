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

/// What a tool answered that ran at the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolResult {
    /// The provider's id of the call.
    pub id: String,
    /// The answer as text; empty where the provider keeps it to itself.
    pub output: String,
    /// The tool failed.
    pub is_error: bool,
}

/// A source that a reply names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation {
    /// Where it is; empty for a source without an address.
    pub url: String,
    /// What it is called; may be empty.
    pub title: String,
    /// The words that are cited; may be empty.
    pub excerpt: String,
}

/// A piece of a provider's own JSON that nobody else understands: a signature, encrypted reasoning, a block of a kind
/// that has no neutral form. It is stored beside the text and goes back, in its place, to the same provider only.
/// Where it completes a neutral piece it holds only what that piece lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native(pub serde_json::Value);

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
    /// How many of the prompt's tokens were written to the provider's cache.
    pub cache_write_tokens: u64,
    /// What the provider says it cost, in millionths of a US dollar.
    pub cost_micros: Option<u64>,
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
