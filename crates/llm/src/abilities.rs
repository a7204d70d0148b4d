//! What a model can do and what it costs.

mod table;

pub use table::known;

/// What is known of a model. `None` means that nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Abilities {
    /// Tokens that prompt and reply may have together.
    pub context_tokens: Option<u64>,
    /// Most tokens of a reply.
    pub output_tokens: Option<u64>,
    /// It sees images.
    pub vision: Option<bool>,
    /// It calls tools.
    pub tools: Option<bool>,
    /// It can think before it speaks.
    pub reasoning: Option<bool>,
    /// It can send its reply as it is made.
    pub streaming: Option<bool>,
    /// What it costs.
    pub prices: Option<Prices>,
}

impl Abilities {
    /// The same, with what `other` knows where nothing is known here.
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// Of the prompt.
    pub input: f64,
    /// Of the reply, reasoning included.
    pub output: f64,
    /// Of the prompt's tokens that came from the provider's cache; `None`: as `input`.
    pub cached: Option<f64>,
}

/// A model as its provider lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// What a request names.
    pub id: String,
    /// What people call it; empty if the list does not say.
    pub name: String,
    /// What the list says of it.
    pub abilities: Abilities,
}
