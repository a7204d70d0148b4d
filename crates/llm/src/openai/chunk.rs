//! The JSON of a chat completion, streamed or whole, as loosely as hosts write it.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{fastgpt::AppTool, usage::WireUsage};
use crate::wire::lenient::{lenient, list, object, text};

/// One `chat.completion.chunk`, or a whole `chat.completion`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    #[serde(deserialize_with = "list")]
    pub(super) choices: Vec<Choice>,
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    /// Where Groq puts the usage and errors.
    #[serde(deserialize_with = "object")]
    pub(super) x_groq: Option<GroqExtra>,
    pub(super) error: Value,
    /// Perplexity's sources, addresses only.
    pub(super) citations: Value,
    /// The same with titles.
    pub(super) search_results: Value,
    /// Zhipu's sources.
    pub(super) web_search: Value,
    /// The results of a FastGPT app's nodes.
    #[serde(rename = "responseData")]
    pub(super) response_data: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroqExtra {
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    pub(super) error: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    #[serde(deserialize_with = "lenient")]
    pub(super) index: u32,
    #[serde(deserialize_with = "object")]
    pub(super) delta: Option<Delta>,
    /// Replaces `delta` in a reply that is not streamed. Some hosts repeat the whole reply here in each chunk.
    #[serde(deserialize_with = "object")]
    pub(super) message: Option<Delta>,
    #[serde(deserialize_with = "text")]
    pub(super) finish_reason: String,
    /// Where Moonshot puts the usage.
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    /// Why the finish reason is `error`.
    pub(super) error: Value,
}

/// More of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta {
    /// A string, or an array of [`ContentPart`].
    pub(super) content: Value,
    #[serde(deserialize_with = "text")]
    pub(super) refusal: String,
    #[serde(deserialize_with = "text")]
    pub(super) reasoning_content: String,
    #[serde(deserialize_with = "text")]
    pub(super) reasoning: String,
    #[serde(deserialize_with = "values")]
    pub(super) reasoning_details: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub(super) tool_calls: Vec<CallPiece>,
    /// The single call of the first API version.
    #[serde(deserialize_with = "object")]
    pub(super) function_call: Option<FunctionPiece>,
    #[serde(deserialize_with = "values")]
    pub(super) annotations: Vec<Value>,
    #[serde(deserialize_with = "values")]
    pub(super) images: Vec<Value>,
    #[serde(deserialize_with = "object")]
    pub(super) audio: Option<Audio>,
}

/// Speech; only its transcript is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Audio {
    #[serde(deserialize_with = "text")]
    pub(super) transcript: String,
}

/// A part of a `content` array, as sent by Mistral and in whole replies of FastGPT apps.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContentPart {
    text: Value,
    /// A string, or an array of parts with `text`.
    thinking: Value,
    reasoning: Value,
    #[serde(deserialize_with = "list")]
    pub(super) tools: Vec<AppTool>,
    pub(super) interactive: Value,
}

impl ContentPart {
    pub(super) fn text(&self) -> String {
        words(&self.text)
    }

    pub(super) fn thoughts(&self) -> String {
        [words(&self.thinking), words(&self.reasoning)].concat()
    }
}

/// The text in a string, an object, or a list of both.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let said = parts.iter().filter_map(|part| part.as_str().or_else(|| part.get("text")?.as_str()));
            said.collect()
        }
        Value::Object(fields) => fields.get("content").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// A piece of a tool call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallPiece {
    #[serde(deserialize_with = "lenient")]
    pub(super) index: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) function: FunctionPiece,
    /// What Google needs back with the call.
    pub(super) extra_content: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FunctionPiece {
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    /// A fragment of JSON text, or the arguments themselves.
    pub(super) arguments: Value,
}

/// A list of anything; empty for anything else.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values,
        _ => Vec::new(),
    })
}
