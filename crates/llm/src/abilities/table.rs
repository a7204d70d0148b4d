//! A table of abilities and prices of widely used models.

use std::sync::LazyLock;

use kaiwa_shared::model::{Abilities, Prices};
use serde::Deserialize;

use crate::{anthropic, openai::family::Family};

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // A test reads the table, so a mistake in it cannot be released; an empty one would only know less.
    serde_json::from_str::<Table>(include_str!("table.json")).map(|table| table.rows).unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "it explains the file to whoever opens it")]
    about: String,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Patterns of names; `*` matches anything.
    models: Vec<String>,
    /// The provider whose prices these are.
    at: Option<String>,
    context: Option<u64>,
    output: Option<u64>,
    vision: Option<bool>,
    tools: Option<bool>,
    reasoning: Option<bool>,
    /// Prices of the prompt, of the reply, and of cached prompt tokens.
    #[serde(default)]
    prices: Vec<f64>,
}

/// Looks up a model by its provider's short name and the provider's name for it. Prices are known for the maker's own
/// API only.
///
/// Hosts add an owner, a size or a variant to the name, as in `openai/gpt-5`, `qwen3:8b` and `models/gemini-2.5-pro`.
pub fn known(provider: &str, model: &str) -> Abilities {
    let name = model.to_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    let temperature = refuses_temperature(name).then_some(false);
    let Some(row) = TABLE.iter().find(|row| row.models.iter().any(|pattern| matches(pattern, name))) else {
        return Abilities { temperature, ..Abilities::default() };
    };
    let own = row.at.as_deref() == Some(provider);
    let prices = match row.prices.as_slice() {
        [input, output, cached @ ..] if own => {
            Some(Prices { input: *input, output: *output, cached: cached.first().copied() })
        }
        _ => None,
    };
    Abilities {
        context_tokens: row.context,
        output_tokens: row.output,
        vision: row.vision,
        tools: row.tools,
        reasoning: row.reasoning,
        temperature,
        streaming: None,
        prices,
    }
}

/// Whether requests to a model are sent without a temperature.
fn refuses_temperature(model: &str) -> bool {
    Family::of(model).has_reasoning_api() || anthropic::refuses_temperature(model)
}

/// Whether `name` matches `pattern`, in which `*` matches anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        let table: Table = serde_json::from_str(include_str!("table.json")).unwrap();
        assert!(table.rows.len() > 50);
        for row in &table.rows {
            assert!(matches!(row.prices.len(), 0 | 2 | 3), "{row:?}");
            assert!(row.prices.is_empty() || row.at.is_some(), "prices are somebody's: {row:?}");
            assert!(row.prices.iter().all(|price| *price > 0.0), "{row:?}");
            let (context, output) = (row.context.unwrap_or(u64::MAX), row.output.unwrap_or(1));
            assert!((1..=context).contains(&output), "{row:?}");
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for (index, row) in TABLE.iter().enumerate() {
            for pattern in &row.models {
                let example = pattern.replace('*', "zz");
                let found =
                    TABLE.iter().position(|row| row.models.iter().any(|other| matches(other, &example)));
                assert_eq!(found, Some(index), "`{pattern}` is never reached");
            }
        }
    }

    #[test]
    fn a_model_is_found_under_the_names_that_hosts_give_it() {
        for name in ["gpt-5-mini", "openai/gpt-5-mini", "GPT-5-mini-2025-08-07"] {
            let abilities = known("openai", name);
            assert_eq!((abilities.context_tokens, abilities.vision), (Some(400_000), Some(true)), "{name}");
            assert_eq!(abilities.prices.map(|prices| prices.cached), Some(Some(0.025)), "{name}");
        }
        assert_eq!(known("ollama", "qwen3:8b").tools, Some(true));
        assert_eq!(known("gemini", "models/gemini-2.5-pro").context_tokens, Some(1_048_576));
        assert_eq!(known("groq", "openai/gpt-oss-120b").reasoning, Some(true));
        assert_eq!(known("llm", "no-such-model"), Abilities::default());
    }

    #[test]
    fn it_is_known_who_takes_no_temperature() {
        for name in ["gpt-5-mini", "openai/o3", "codex-mini", "claude-opus-4-8", "anthropic/claude-sonnet-5"]
        {
            assert_eq!(known("llm", name).temperature, Some(false), "{name}");
        }
        for name in [
            "gpt-4o",
            "gpt-5-chat-latest",
            "gpt-oss:20b",
            "claude-sonnet-4-5",
            "qwen3:8b",
            "deepseek-reasoner",
        ] {
            assert_eq!(known("llm", name).temperature, None, "{name}");
        }
    }

    #[test]
    fn prices_are_not_assumed_for_other_hosts() {
        assert!(known("deepseek", "deepseek-v4-pro").prices.is_some());
        let elsewhere = known("siliconflow", "deepseek-ai/DeepSeek-V4-Pro");
        assert_eq!((elsewhere.prices, elsewhere.context_tokens), (None, Some(1_048_576)));
    }
}
