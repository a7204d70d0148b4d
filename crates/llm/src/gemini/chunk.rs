//! The JSON of a generated answer, which is the same streamed or whole.

use kaiwa_shared::message::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::lenient::{count, lenient};

/// One chunk of the stream, or a whole answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Chunk {
    #[serde(deserialize_with = "lenient")]
    pub(super) candidates: Vec<Candidate>,
    #[serde(deserialize_with = "lenient")]
    pub(super) prompt_feedback: PromptFeedback,
    #[serde(deserialize_with = "lenient")]
    pub(super) usage_metadata: WireUsage,
    #[serde(deserialize_with = "lenient")]
    pub(super) response_id: String,
    pub(super) error: Value,
}

/// One of the answers; only the first is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Candidate {
    #[serde(deserialize_with = "count")]
    pub(super) index: u64,
    #[serde(deserialize_with = "lenient")]
    pub(super) content: Content,
    #[serde(deserialize_with = "lenient")]
    pub(super) finish_reason: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) grounding_metadata: Grounding,
    #[serde(deserialize_with = "lenient")]
    pub(super) citation_metadata: CitationMetadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    /// The kind of a part is given by its field.
    #[serde(deserialize_with = "lenient")]
    pub(super) parts: Vec<Map<String, Value>>,
}

/// Why the prompt was not answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    #[serde(deserialize_with = "lenient")]
    pub(super) block_reason: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) block_reason_message: String,
}

/// The results of a search, and the text that they support.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Grounding {
    /// Each with one field that names its kind, such as `web` or `maps`.
    #[serde(deserialize_with = "lenient")]
    pub(super) grounding_chunks: Vec<Map<String, Value>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) grounding_supports: Vec<Support>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Support {
    #[serde(deserialize_with = "lenient")]
    pub(super) segment: Segment,
    #[serde(deserialize_with = "lenient")]
    pub(super) grounding_chunk_indices: Vec<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Segment {
    #[serde(deserialize_with = "lenient")]
    pub(super) text: String,
}

/// Texts that the answer quotes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CitationMetadata {
    #[serde(alias = "citations", deserialize_with = "lenient")]
    pub(super) citation_sources: Vec<Source>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    #[serde(deserialize_with = "lenient")]
    pub(super) uri: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) title: String,
}

/// The usage so far.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(rename = "promptTokenCount", deserialize_with = "count")]
    prompt: u64,
    #[serde(rename = "candidatesTokenCount", deserialize_with = "count")]
    candidates: u64,
    #[serde(rename = "thoughtsTokenCount", deserialize_with = "count")]
    thoughts: u64,
    #[serde(rename = "cachedContentTokenCount", deserialize_with = "count")]
    cached_content: u64,
    #[serde(rename = "toolUsePromptTokenCount", deserialize_with = "count")]
    tool_use_prompt: u64,
}

impl WireUsage {
    /// The neutral usage, if any was reported.
    pub(super) fn neutral(self) -> Option<Usage> {
        let usage = Usage {
            // Results of hosted tools are input, but counted separately from the prompt.
            input_tokens: self.prompt + self.tool_use_prompt,
            // Reasoning is counted separately from the answer.
            output_tokens: self.candidates + self.thoughts,
            cached_tokens: self.cached_content,
            reasoning_tokens: self.thoughts,
            ..Usage::default()
        };
        (usage != Usage::default()).then_some(usage)
    }
}
