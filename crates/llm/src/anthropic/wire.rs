//! The JSON of a message, streamed or whole.

use kaiwa_shared::message::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::lenient::{count, lenient};

/// One event of the stream, or a whole message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub(super) kind: String,
    /// The index of the block.
    #[serde(deserialize_with = "count")]
    pub(super) index: u64,
    /// The message, still empty, in `message_start`.
    #[serde(deserialize_with = "lenient")]
    pub(super) message: Message,
    /// The start of a block.
    #[serde(deserialize_with = "lenient")]
    pub(super) content_block: Map<String, Value>,
    /// More of a block, or of the message.
    #[serde(deserialize_with = "lenient")]
    pub(super) delta: Map<String, Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: WireUsage,
    pub(super) error: Value,
}

/// A message, whole or partial.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub(super) kind: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) content: Vec<Map<String, Value>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: WireUsage,
    #[serde(flatten)]
    pub(super) end: Map<String, Value>,
}

/// The usage so far. Not every event has all fields.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_creation_input_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: u64,
    #[serde(deserialize_with = "lenient")]
    output_tokens_details: OutputDetails,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    #[serde(alias = "reasoning_tokens", deserialize_with = "count")]
    thinking_tokens: u64,
}

impl WireUsage {
    /// Updates the fields that a later event contains.
    pub(super) fn update(&mut self, later: Self) {
        let keep = |known: &mut u64, later: u64| {
            if later > 0 {
                *known = later;
            }
        };
        keep(&mut self.input_tokens, later.input_tokens);
        keep(&mut self.output_tokens, later.output_tokens);
        keep(&mut self.cache_creation_input_tokens, later.cache_creation_input_tokens);
        keep(&mut self.cache_read_input_tokens, later.cache_read_input_tokens);
        keep(&mut self.output_tokens_details.thinking_tokens, later.output_tokens_details.thinking_tokens);
    }

    /// The neutral usage, if any was reported.
    pub(super) fn neutral(self) -> Option<Usage> {
        let usage = Usage {
            // `input_tokens` excludes tokens that were read from or written to the cache.
            input_tokens: self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens,
            output_tokens: self.output_tokens,
            cached_tokens: self.cache_read_input_tokens,
            reasoning_tokens: self.output_tokens_details.thinking_tokens,
            cache_write_tokens: self.cache_creation_input_tokens,
            ..Usage::default()
        };
        (usage != Usage::default()).then_some(usage)
    }
}
