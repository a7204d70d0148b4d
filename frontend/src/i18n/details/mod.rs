//! Words of the details of a reply: model, tokens, cost.

pub(super) mod en;
pub(super) mod zh;

use kaiwa_shared::message::Effort;

/// Words of the details of a reply: model, tokens, cost.
pub struct DetailsWords {
    /// Name of the control that shows the details.
    pub details: &'static str,
    /// The model.
    pub fact_model: &'static str,
    /// Time of the reply.
    pub fact_time: &'static str,
    /// Tokens of the prompt.
    pub fact_input: &'static str,
    /// Prompt tokens from the provider’s cache.
    pub fact_cached: &'static str,
    /// Prompt tokens written to the provider’s cache.
    pub fact_cache_write: &'static str,
    /// Tokens of the reply.
    pub fact_output: &'static str,
    /// Reply tokens spent on reasoning.
    pub fact_reasoning: &'static str,
    /// Cost of the reply.
    pub fact_cost: &'static str,
    /// Reasoning effort.
    pub fact_effort: &'static str,
    /// The levels of reasoning effort.
    pub effort: fn(Effort) -> &'static str,
    /// Sampling temperature.
    pub fact_temperature: &'static str,
    /// Maximum length of the reply.
    pub fact_max_tokens: &'static str,
    /// The maximum number of tokens of the conversation that are sent.
    pub fact_context_limit: &'static str,
    /// How full the context window is.
    pub fact_context: &'static str,
    /// Explains the mark on estimates.
    pub estimated: &'static str,
    /// So many of so many tokens, so many percent.
    pub context_use: fn(&str, &str, u64) -> String,
}
