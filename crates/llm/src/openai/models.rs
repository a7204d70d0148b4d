//! A provider's own list of models.

use kaiwa_shared::model::{Abilities, Prices};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    abilities::Listed,
    wire::lenient::{lenient, text},
};

/// Parts of the names of models that do not chat.
const NOT_CHAT: &[&str] = &[
    "embed",
    "whisper",
    "tts",
    "dall-e",
    "moderation",
    "transcribe",
    "realtime",
    "audio",
    "image",
    "davinci",
    "babbage",
    "sora",
    "rerank",
];

/// One of OpenAI's two interfaces; some models support only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// Chat completions.
    Chat,
    /// Responses.
    Responses,
}

/// Parts of the names of models that support only responses.
const ONLY_RESPONSES: &[&str] = &["codex", "-pro", "deep-research", "computer-use"];

/// The response of `GET /models`: an object with `data`, as from OpenAI, or a bare list, as from Together.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct List(Vec<Entry>);

impl TryFrom<Value> for List {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let entries = match value {
            Value::Array(entries) => entries,
            Value::Object(mut fields) => match fields.remove("data") {
                Some(Value::Array(entries)) => entries,
                _ => return Err("it has no list named data"),
            },
            _ => return Err("neither an object nor a list"),
        };
        Ok(Self(entries.into_iter().filter_map(|entry| Entry::deserialize(entry).ok()).collect()))
    }
}

/// A model, with the fields of all services.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "text")]
    name: String,
    #[serde(deserialize_with = "text")]
    display_name: String,
    /// The kind of model, at Together.
    #[serde(rename = "type", deserialize_with = "text")]
    kind: String,
    /// OpenRouter, Together, Moonshot, Fireworks.
    #[serde(deserialize_with = "lenient")]
    context_length: Option<u64>,
    /// Groq.
    #[serde(deserialize_with = "lenient")]
    context_window: Option<u64>,
    /// Mistral.
    #[serde(deserialize_with = "lenient")]
    max_context_length: Option<u64>,
    /// vLLM and SGLang.
    #[serde(deserialize_with = "lenient")]
    max_model_len: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_completion_tokens: Option<u64>,
    /// What llama.cpp reports about the model file.
    meta: Value,
    #[serde(deserialize_with = "lenient")]
    top_provider: TopProvider,
    #[serde(deserialize_with = "lenient")]
    architecture: Architecture,
    #[serde(deserialize_with = "lenient")]
    supported_parameters: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient")]
    pricing: Pricing,
    /// Mistral's.
    #[serde(deserialize_with = "lenient")]
    capabilities: Capabilities,
    /// Moonshot's.
    #[serde(deserialize_with = "lenient")]
    supports_image_in: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    supports_reasoning: Option<bool>,
    /// Fireworks'.
    #[serde(deserialize_with = "lenient")]
    supports_image_input: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    supports_tools: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    supports_chat: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TopProvider {
    #[serde(deserialize_with = "lenient")]
    max_completion_tokens: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Architecture {
    #[serde(deserialize_with = "lenient")]
    input_modalities: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient")]
    output_modalities: Option<Vec<String>>,
}

/// Prices. OpenRouter's are strings per token; Together's are numbers per million tokens.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pricing {
    prompt: Value,
    completion: Value,
    input_cache_read: Value,
    input: Value,
    output: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    #[serde(deserialize_with = "lenient")]
    completion_chat: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    function_calling: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    vision: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    reasoning: Option<bool>,
}

/// The models that chat, sorted by id.
pub(crate) fn listed(list: List, speaks: Speaks) -> Vec<Listed> {
    let mut models: Vec<Listed> =
        list.0.into_iter().filter(|entry| entry.chats(speaks)).map(Entry::listed).collect();
    models.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    models.dedup_by(|one, other| one.id == other.id);
    models
}

impl Entry {
    /// The list takes precedence over the name.
    fn chats(&self, speaks: Speaks) -> bool {
        if self.id.is_empty() {
            return false;
        }
        if let Some(modalities) = &self.architecture.output_modalities {
            return modalities.iter().any(|modality| modality == "text");
        }
        if let Some(chats) = self.capabilities.completion_chat.or(self.supports_chat) {
            return chats;
        }
        if !self.kind.is_empty() && self.kind != "model" {
            return matches!(self.kind.as_str(), "chat" | "language" | "code" | "base");
        }
        let id = self.id.to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| id.contains(part));
        let is_openai =
            ["gpt-", "o1", "o3", "o4", "codex-", "computer-use"].iter().any(|prefix| id.starts_with(prefix));
        !has(NOT_CHAT) && (speaks == Speaks::Responses || !(is_openai && has(ONLY_RESPONSES)))
    }

    fn listed(self) -> Listed {
        let modality = |name: &str| {
            let modalities = self.architecture.input_modalities.as_ref()?;
            Some(modalities.iter().any(|modality| modality == name))
        };
        let parameter = |names: &[&str]| {
            let known = self.supported_parameters.as_ref()?;
            Some(known.iter().any(|parameter| names.contains(&parameter.as_str())))
        };
        let in_file = |field: &str| self.meta.get(field).and_then(Value::as_u64);
        let lengths = [
            self.context_length,
            self.context_window,
            self.max_context_length,
            self.max_model_len,
            in_file("n_ctx"),
            in_file("n_ctx_train"),
        ];
        let said = |tokens: &u64| *tokens > 0;
        let abilities = Abilities {
            context_tokens: lengths.into_iter().flatten().find(said),
            output_tokens: self
                .top_provider
                .max_completion_tokens
                .or(self.max_completion_tokens)
                .filter(said),
            vision: modality("image")
                .or(self.capabilities.vision)
                .or(self.supports_image_in)
                .or(self.supports_image_input),
            tools: parameter(&["tools"]).or(self.capabilities.function_calling).or(self.supports_tools),
            reasoning: parameter(&["reasoning", "include_reasoning"])
                .or(self.capabilities.reasoning)
                .or(self.supports_reasoning),
            temperature: parameter(&["temperature"]),
            streaming: None,
            prices: self.pricing.prices(),
        };
        let name = if self.display_name.is_empty() { self.name } else { self.display_name };
        // Some hosts repeat the id as the name.
        Listed { name: if name == self.id { String::new() } else { name }, id: self.id, abilities }
    }
}

impl Pricing {
    fn prices(&self) -> Option<Prices> {
        let token = |value: &Value| price(value).map(|price| price * 1e6);
        match (token(&self.prompt), token(&self.completion)) {
            (Some(input), Some(output)) => {
                let cached = token(&self.input_cache_read).filter(|price| *price > 0.0);
                Some(Prices { input, output, cached })
            }
            _ => Some(Prices { input: price(&self.input)?, output: price(&self.output)?, cached: None }),
        }
    }
}

/// A price; `None` if it varies, which OpenRouter writes as -1.
fn price(value: &Value) -> Option<f64> {
    let price = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    (price.is_finite() && price >= 0.0).then_some(price)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn models(list: Value) -> Vec<Listed> {
        listed(serde_json::from_value(list).unwrap(), Speaks::Chat)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the tests write values in place")]
    fn abilities(entry: Value) -> Abilities {
        models(json!({ "data": [entry] })).remove(0).abilities
    }

    #[test]
    fn models_that_chat_are_listed_once_and_in_order() {
        let list = json!({ "object": "list", "data": [
            { "id": "gpt-5-mini", "object": "model" }, { "id": "text-embedding-3-small" }, { "id": "gpt-4.1" },
            { "id": "whisper-1" }, { "id": "gpt-4.1" }, {}, null, { "id": 5 },
            { "id": "mistral-ocr", "capabilities": { "completion_chat": false } },
            { "id": "painter", "architecture": { "output_modalities": ["image"] } },
            { "id": "openai/gpt-5-codex", "architecture": { "output_modalities": ["text"] } },
        ] });
        let ids: Vec<String> = models(list).into_iter().map(|model| model.id).collect();
        assert_eq!(ids, ["gpt-4.1", "gpt-5-mini", "openai/gpt-5-codex"]);
        let bare =
            json!([{ "id": "b", "type": "chat", "display_name": "B" }, { "id": "a", "type": "image" }]);
        assert_eq!(models(bare), [Listed { id: "b".into(), name: "B".into(), ..Listed::default() }]);
        assert!(serde_json::from_value::<List>(json!({ "error": "no" })).is_err());
    }

    #[test]
    fn a_model_is_listed_only_for_the_interfaces_it_supports() {
        let list = || {
            serde_json::from_value(
                json!({ "data": [{ "id": "gpt-5-pro" }, { "id": "gpt-5-codex" }, { "id": "gemini-2.5-pro" }] }),
            )
        };
        let ids = |speaks| -> Vec<String> {
            listed(list().unwrap(), speaks).into_iter().map(|model| model.id).collect()
        };
        assert_eq!(ids(Speaks::Chat), ["gemini-2.5-pro"]);
        assert_eq!(ids(Speaks::Responses), ["gemini-2.5-pro", "gpt-5-codex", "gpt-5-pro"]);
    }

    #[test]
    fn abilities_are_read_from_every_hosts_fields() {
        let entry = json!({
            "id": "x/y", "name": "X: Y", "context_length": 200_000,
            "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"] },
            "pricing": { "prompt": "0.000003", "completion": "0.000015", "input_cache_read": "0.0000003" },
            "top_provider": { "context_length": 200_000, "max_completion_tokens": 64_000 },
            "supported_parameters": ["tools", "temperature"],
        });
        let listed = abilities(entry);
        let prices = listed.prices.unwrap();
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(prices.input, 3.0) && near(prices.output, 15.0) && near(prices.cached.unwrap(), 0.3));
        let expected = Abilities {
            context_tokens: Some(200_000),
            output_tokens: Some(64_000),
            vision: Some(true),
            tools: Some(true),
            reasoning: Some(false),
            temperature: Some(true),
            streaming: None,
            prices: listed.prices,
        };
        assert_eq!(listed, expected);
        assert_eq!(
            abilities(json!({ "id": "auto", "pricing": { "prompt": "-1", "completion": "-1" } })).prices,
            None
        );
    }

    #[test]
    fn the_window_is_found_in_every_field() {
        for entry in [
            json!({ "id": "groq", "context_window": 8192 }),
            json!({ "id": "mistral", "max_context_length": 8192 }),
            json!({ "id": "vllm", "max_model_len": 8192 }),
            json!({ "id": "llama.cpp", "meta": { "n_ctx_train": 8192 } }),
            json!({ "id": "moonshot", "context_length": 8192 }),
        ] {
            assert_eq!(abilities(entry.clone()).context_tokens, Some(8192), "{entry}");
        }
        let mistral = json!({ "id": "m", "capabilities": { "completion_chat": true, "function_calling": true, "vision": false } });
        let listed = abilities(mistral);
        assert_eq!((listed.tools, listed.vision), (Some(true), Some(false)));
    }
}
