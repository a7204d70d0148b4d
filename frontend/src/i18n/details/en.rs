//! English.

use kaiwa_shared::message::Effort;

use super::DetailsWords;

pub(in crate::i18n) const WORDS: DetailsWords = DetailsWords {
    details: "Details of this answer",
    fact_model: "Model",
    fact_time: "Time",
    fact_input: "Input tokens",
    fact_cached: "from cache",
    fact_cache_write: "written to cache",
    fact_output: "Output tokens",
    fact_reasoning: "reasoning",
    fact_cost: "Cost",
    fact_effort: "Thinking",
    effort: |effort| match effort {
        Effort::Off => "Off",
        Effort::Low => "A little",
        Effort::Medium => "Medium",
        Effort::High => "A lot",
    },
    fact_temperature: "Temperature",
    fact_max_tokens: "Maximum length",
    fact_context: "Context",
    fact_context_limit: "Context limit",
    estimated: "~ marks an estimate.",
    context_use: |used, window, percent| format!("Context: {used} of {window} tokens used ({percent} %)"),
};
