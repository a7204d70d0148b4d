//! The JSON of a chat response: one line of the stream, or the whole reply.

use kaiwa_shared::message::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::lenient::{count, lenient};

/// One line of the stream, or a whole reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    #[serde(deserialize_with = "lenient")]
    pub(super) message: Option<Message>,
    #[serde(deserialize_with = "lenient")]
    pub(super) done: bool,
    #[serde(deserialize_with = "lenient")]
    pub(super) done_reason: String,
    /// Missing if the whole prompt was cached.
    #[serde(deserialize_with = "count")]
    prompt_eval_count: u64,
    #[serde(deserialize_with = "count")]
    eval_count: u64,
    pub(super) error: Value,
}

/// More of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(deserialize_with = "lenient")]
    pub(super) content: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) thinking: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) tool_calls: Vec<Call>,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// A tool call, which always arrives whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Call {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) function: Function,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    #[serde(deserialize_with = "lenient")]
    pub(super) name: String,
    /// An object; a string from compatible servers.
    pub(super) arguments: Value,
}

impl Chunk {
    /// The neutral usage, if any was reported.
    pub(super) fn usage(&self) -> Option<Usage> {
        let usage = Usage {
            input_tokens: self.prompt_eval_count,
            output_tokens: self.eval_count,
            ..Usage::default()
        };
        (usage != Usage::default()).then_some(usage)
    }
}
