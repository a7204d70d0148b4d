//! The usage of a reply, in every spelling.

use kaiwa_shared::message::Usage;
use serde::Deserialize;
use serde_json::Value;

use crate::wire::lenient::{count, lenient};

/// Token counts. Gateways mix spellings in one object, so each spelling has its own field.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: u64,
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    completion_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    #[serde(deserialize_with = "count")]
    total_tokens: u64,
    /// DeepSeek's spelling of the cached tokens.
    #[serde(deserialize_with = "count")]
    prompt_cache_hit_tokens: u64,
    /// Moonshot's.
    #[serde(deserialize_with = "count")]
    cached_tokens: u64,
    /// The spelling of gateways in front of Anthropic.
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_creation_input_tokens: u64,
    #[serde(deserialize_with = "lenient")]
    prompt_tokens_details: Details,
    #[serde(deserialize_with = "lenient")]
    input_tokens_details: Details,
    #[serde(deserialize_with = "lenient")]
    completion_tokens_details: Details,
    #[serde(deserialize_with = "lenient")]
    output_tokens_details: Details,
    /// US dollars: a number, or an object with the total.
    cost: Value,
    /// xAI's unit: 10^10 ticks are one dollar.
    #[serde(deserialize_with = "lenient")]
    cost_in_usd_ticks: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
struct Details {
    #[serde(deserialize_with = "count")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: u64,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: u64,
}

impl WireUsage {
    pub(crate) fn neutral(&self) -> Usage {
        let reasoning = |of: &Details| of.reasoning_tokens;
        let reasoning_tokens =
            reasoning(&self.completion_tokens_details).max(reasoning(&self.output_tokens_details));
        let input_tokens = self.prompt_tokens.max(self.input_tokens);
        let output_tokens = self.completion_tokens.max(self.output_tokens);
        // xAI counts reasoning separately; everyone else includes it in the completion.
        let apart =
            reasoning_tokens > 0 && self.total_tokens == input_tokens + output_tokens + reasoning_tokens;
        let prompt = [&self.prompt_tokens_details, &self.input_tokens_details];
        let most = |counts: &[u64]| counts.iter().copied().max().unwrap_or_default();
        Usage {
            input_tokens,
            output_tokens: output_tokens + if apart { reasoning_tokens } else { 0 },
            cached_tokens: most(&[
                most(&prompt.map(|details| details.cached_tokens)),
                self.prompt_cache_hit_tokens,
                self.cached_tokens,
                self.cache_read_input_tokens,
            ]),
            reasoning_tokens,
            cache_write_tokens: most(&[
                most(&prompt.map(|details| details.cache_write_tokens)),
                self.cache_creation_input_tokens,
            ]),
            cost_micros: self.cost_micros(),
            estimated: false,
        }
    }

    fn cost_micros(&self) -> Option<u64> {
        let dollars = self.cost.as_f64().or_else(|| self.cost.get("total_cost")?.as_f64());
        dollars.and_then(micros).or(self.cost_in_usd_ticks.map(|ticks| ticks / 10_000))
    }
}

/// Millionths of a dollar; `None` if this is not a price.
fn micros(dollars: f64) -> Option<u64> {
    format!("{:.0}", dollars * 1e6).parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn neutral(usage: Value) -> Usage {
        WireUsage::deserialize(usage).unwrap().neutral()
    }

    #[test]
    fn the_cost_is_read_in_every_spelling() {
        let cost = |usage| neutral(usage).cost_micros;
        assert_eq!(cost(json!({ "cost": 0.000_140_4 })), Some(140));
        assert_eq!(cost(json!({ "cost": { "input_tokens_cost": 0.1, "total_cost": 0.25 } })), Some(250_000));
        assert_eq!(cost(json!({ "cost_in_usd_ticks": 1_234_567 })), Some(123));
        assert_eq!(cost(json!({ "cost": 0 })), Some(0));
        for nonsense in [json!(null), json!("free"), json!(-1), json!({})] {
            assert_eq!(cost(json!({ "cost": nonsense })), None);
        }
    }

    #[test]
    fn two_spellings_in_one_object_are_both_read() {
        let usage = neutral(json!({
            "prompt_tokens": 9, "completion_tokens": 3, "input_tokens": 0, "output_tokens": 0,
            "prompt_tokens_details": { "cached_tokens": 4 }, "cached_tokens": 4,
            "input_tokens_details": null, "cache_creation_input_tokens": 2,
        }));
        let expected = Usage {
            input_tokens: 9,
            output_tokens: 3,
            cached_tokens: 4,
            cache_write_tokens: 2,
            ..Usage::default()
        };
        assert_eq!(usage, expected);
    }
}
