//! The JSON of a chat completion, streamed or whole, as loosely as hosts write it.

use serde::Deserialize;
use serde_json::Value;

use crate::wire::lenient::{count, lenient};

/// One `chat.completion.chunk`, or a whole `chat.completion`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    #[serde(deserialize_with = "lenient")]
    pub(super) choices: Vec<Choice>,
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    /// Groq's place for the usage.
    #[serde(deserialize_with = "lenient")]
    pub(super) x_groq: Option<GroqExtra>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroqExtra {
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    #[serde(deserialize_with = "lenient")]
    pub(super) index: u32,
    #[serde(deserialize_with = "lenient")]
    pub(super) delta: Option<Delta>,
    /// In place of `delta` where the reply is whole. Some hosts repeat the whole reply here in each chunk.
    #[serde(deserialize_with = "lenient")]
    pub(super) message: Option<Delta>,
    #[serde(deserialize_with = "lenient")]
    pub(super) finish_reason: String,
    /// Moonshot's place for the usage.
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    /// Why the finish reason is `error`.
    pub(super) error: Value,
}

/// More of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta {
    /// A string, or Mistral's array of [`ContentPart`].
    pub(super) content: Value,
    #[serde(deserialize_with = "lenient")]
    pub(super) refusal: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) reasoning_content: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) reasoning: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) reasoning_details: Vec<ReasoningDetail>,
    #[serde(deserialize_with = "lenient")]
    pub(super) tool_calls: Vec<CallPiece>,
    /// The one call of the API's first version.
    #[serde(deserialize_with = "lenient")]
    pub(super) function_call: Option<FunctionPiece>,
}

impl Delta {
    /// The reasoning, once: hosts that move from one spelling to another send the same words in both.
    pub(super) fn reasoning_text(&self) -> String {
        if !self.reasoning_content.is_empty() {
            return self.reasoning_content.clone();
        }
        if !self.reasoning.is_empty() {
            return self.reasoning.clone();
        }
        self.reasoning_details.iter().flat_map(|detail| [detail.text.as_str(), &detail.summary]).collect()
    }
}

/// A piece of OpenRouter's structured reasoning.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReasoningDetail {
    #[serde(deserialize_with = "lenient")]
    text: String,
    #[serde(deserialize_with = "lenient")]
    summary: String,
}

/// A part of a `content` array.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContentPart {
    #[serde(deserialize_with = "lenient")]
    pub(super) text: String,
    /// A string, or an array of parts with `text`.
    pub(super) thinking: Value,
}

impl ContentPart {
    pub(super) fn thinking_text(&self) -> String {
        match &self.thinking {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
            _ => String::new(),
        }
    }
}

/// More of a tool call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallPiece {
    #[serde(deserialize_with = "lenient")]
    pub(super) index: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) id: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) function: FunctionPiece,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FunctionPiece {
    #[serde(deserialize_with = "lenient")]
    pub(super) name: String,
    /// A fragment of JSON text, or the arguments themselves.
    pub(super) arguments: Value,
}

/// The cost, in every spelling.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(alias = "input_tokens", deserialize_with = "count")]
    prompt_tokens: u64,
    #[serde(alias = "output_tokens", deserialize_with = "count")]
    completion_tokens: u64,
    #[serde(deserialize_with = "count")]
    total_tokens: u64,
    /// DeepSeek's spelling of the cached tokens, and Moonshot's.
    #[serde(alias = "cached_tokens", deserialize_with = "count")]
    prompt_cache_hit_tokens: u64,
    #[serde(alias = "input_tokens_details", deserialize_with = "lenient")]
    prompt_tokens_details: Details,
    #[serde(alias = "output_tokens_details", deserialize_with = "lenient")]
    completion_tokens_details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "count")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: u64,
}

impl WireUsage {
    pub(super) fn neutral(&self) -> crate::Usage {
        let reasoning_tokens = self.completion_tokens_details.reasoning_tokens;
        // xAI counts the thoughts beside the reply, everyone else in it.
        let apart = reasoning_tokens > 0
            && self.total_tokens == self.prompt_tokens + self.completion_tokens + reasoning_tokens;
        crate::Usage {
            input_tokens: self.prompt_tokens,
            output_tokens: self.completion_tokens + if apart { reasoning_tokens } else { 0 },
            cached_tokens: self.prompt_tokens_details.cached_tokens.max(self.prompt_cache_hit_tokens),
            reasoning_tokens,
            ..crate::Usage::default()
        }
    }
}
