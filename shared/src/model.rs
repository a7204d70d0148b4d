//! The available models.

use serde::{Deserialize, Serialize};

use crate::{Code, message::MessageOptions};

/// Tokens reserved for a reply whose maximum length is unknown.
const DEFAULT_REPLY: u64 = 4096;

/// Maximum number of tokens reserved for a reply; few replies are as long as the model allows.
const MAX_REPLY: u64 = 32_768;

/// An available model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// The id in requests: `<provider>/<model>`, or `demo`.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Whether it is Kaiwa's built-in demo and not a language model.
    #[serde(default)]
    pub demo: bool,
    /// Whether it reads PDF documents as they are, with their pictures. Otherwise it gets their text.
    #[serde(default)]
    pub reads_pdf: bool,
    /// Its abilities and prices, as far as they are known.
    #[serde(flatten)]
    pub abilities: Abilities,
}

/// The abilities and prices of a model. `None` means unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Abilities {
    /// The context window: the maximum number of tokens in prompt and reply together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// The maximum number of tokens in a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Whether it accepts images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// Whether it can call tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Whether it supports reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// Whether it accepts a temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<bool>,
    /// Whether it can stream its reply. `Some(false)` only if it is known that it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// Its prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
}

impl Abilities {
    /// Fills in unknown values from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            context_tokens: self.context_tokens.or(other.context_tokens),
            output_tokens: self.output_tokens.or(other.output_tokens),
            vision: self.vision.or(other.vision),
            tools: self.tools.or(other.tools),
            reasoning: self.reasoning.or(other.reasoning),
            temperature: self.temperature.or(other.temperature),
            streaming: self.streaming.or(other.streaming),
            prices: self.prices.or(other.prices),
        }
    }

    /// The number of tokens that may be sent to the model: as the options say, and at most its window without what is
    /// reserved for the reply. `unknown` stands for an unknown window.
    pub fn prompt_tokens(&self, options: &MessageOptions, unknown: u64) -> u64 {
        let most = match self.context_tokens {
            Some(all) => all.saturating_sub(self.reply_tokens(options).min(all / 4)).max(1),
            None => unknown,
        };
        options.context_tokens.map_or(most, |limit| most.min(limit.into()))
    }

    /// The number of tokens that are reserved for a reply.
    pub fn reply_tokens(&self, options: &MessageOptions) -> u64 {
        let longest = options.max_tokens.map(u64::from).or(self.output_tokens);
        longest.unwrap_or(DEFAULT_REPLY).min(MAX_REPLY)
    }
}

/// Prices in US dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prices {
    /// Tokens in the prompt.
    pub input: f64,
    /// Tokens in the reply, including reasoning.
    pub output: f64,
    /// Tokens in the prompt that come from the provider's cache. If absent, the price is that of `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
}

/// The response to `GET /api/models`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Models {
    /// The available models, in the order in which they are shown.
    pub models: Vec<Model>,
    /// The id of the default model of new conversations.
    pub default: String,
    /// Whether a provider is configured, although none may offer a model right now. Otherwise only the demo replies.
    #[serde(default)]
    pub configured: bool,
    /// The number of tokens of history that are sent to a model whose window is unknown.
    #[serde(default)]
    pub unknown_window: u64,
}

/// A model server that runs on Kaiwa's own machine and is not configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundServer {
    /// The product that usually has this address.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The number of models on its list.
    pub models: u64,
    /// The line to add to the configuration.
    pub line: String,
}

/// The response to `GET /api/admin/providers/found`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundServers {
    /// The servers. They are not used until they are configured.
    pub servers: Vec<FoundServer>,
    /// Whether no provider is configured, so that only the demo model replies.
    pub none_configured: bool,
    /// The configured providers whose models could not be listed when they were last asked.
    #[serde(default)]
    pub failed: Vec<FailedProvider>,
    /// Whether a provider is being asked for its models, so that `failed` may change soon.
    #[serde(default)]
    pub asking: bool,
    /// The configured default model, if every provider was asked and none offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_default: Option<String>,
}

/// A configured provider whose models could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedProvider {
    /// Its display name, or its short name if it has none.
    pub name: String,
    /// What kind of failure it was.
    pub code: Code,
    /// The provider's own words, without keys; ours if it sent none.
    pub detail: String,
}
