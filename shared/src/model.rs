//! The models that can be chosen.

use serde::{Deserialize, Serialize};

/// A model that is offered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// What a request names: `<provider>/<model>`, or `demo`.
    pub id: String,
    /// What the picker shows.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// It is Kaiwa's built-in demonstration, not a language model.
    #[serde(default)]
    pub demo: bool,
    /// What it can do and what it costs, as far as that is known.
    #[serde(flatten)]
    pub abilities: Abilities,
}

/// What a model can do and what it costs. `None` means that nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Abilities {
    /// Tokens that prompt and reply may have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// Most tokens of a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// It sees images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// It calls tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// It can think before it speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// It can send its reply as it is made; `Some(false)` only where it is known that it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
}

impl Abilities {
    /// The same, with what `other` knows where nothing is known here.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            context_tokens: self.context_tokens.or(other.context_tokens),
            output_tokens: self.output_tokens.or(other.output_tokens),
            vision: self.vision.or(other.vision),
            tools: self.tools.or(other.tools),
            reasoning: self.reasoning.or(other.reasoning),
            streaming: self.streaming.or(other.streaming),
            prices: self.prices.or(other.prices),
        }
    }
}

/// Prices in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prices {
    /// Of the prompt.
    pub input: f64,
    /// Of the reply, reasoning included.
    pub output: f64,
    /// Of the prompt's tokens that came from the provider's cache; absent: as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
}

/// Answer to `GET /api/models`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Models {
    /// Everything that can be chosen, in the order in which it is shown.
    pub models: Vec<Model>,
    /// The id of the model of a new conversation.
    pub default: String,
}

/// A server on Kaiwa's own machine that answers and is not configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundServer {
    /// What it is, judged by where it is.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// How many models it lists.
    pub models: u64,
    /// The line for the configuration that adds it.
    pub line: String,
}

/// Answer to `GET /api/admin/providers/found`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundServers {
    /// The servers. None of them is used before it is configured.
    pub servers: Vec<FoundServer>,
    /// No provider is configured at all: only the demonstration answers.
    pub none_configured: bool,
}
