//! The fields that ask for an effort, in each dialect.

use kaiwa_shared::message::Effort;
use serde_json::{Map, Value, json};

use super::{dialect::Dialect, family::Family};

/// Thinking budgets at Qwen, in tokens; no entry means no limit.
const QWEN_BUDGETS: [(Effort, u32); 2] = [(Effort::Low, 2048), (Effort::Medium, 8192)];

/// The fields that ask for `effort`.
pub(super) fn fields(dialect: Dialect, family: &Family, effort: Effort) -> Map<String, Value> {
    let thinks = effort != Effort::Off;
    let fields = match dialect {
        Dialect::FastGpt => json!({}),
        Dialect::OpenRouter if thinks => json!({ "reasoning": { "effort": family.effort_word(effort) } }),
        Dialect::OpenRouter => json!({ "reasoning": { "enabled": false } }),
        Dialect::Qwen => {
            let budget = QWEN_BUDGETS.iter().find(|(of, _)| *of == effort).map(|(_, tokens)| tokens);
            match budget {
                Some(tokens) => json!({ "enable_thinking": true, "thinking_budget": tokens }),
                None => json!({ "enable_thinking": thinks }),
            }
        }
        Dialect::ThinkingSwitch => {
            json!({ "thinking": { "type": if thinks { "enabled" } else { "disabled" } } })
        }
        // Self-hosted servers pass the switch to the model's template, where it has one of two names.
        Dialect::Other if !family.takes_effort() => {
            json!({ "chat_template_kwargs": { "enable_thinking": thinks, "thinking": thinks } })
        }
        Dialect::Azure | Dialect::ReasoningEffort | Dialect::Other => {
            json!({ "reasoning_effort": family.effort_word(effort) })
        }
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_has_its_own_fields_for_an_effort() {
        for (dialect, model, effort, expected) in [
            (Dialect::ReasoningEffort, "gpt-5.1", Effort::Off, json!({ "reasoning_effort": "none" })),
            (Dialect::ReasoningEffort, "gpt-5-mini", Effort::Off, json!({ "reasoning_effort": "minimal" })),
            (Dialect::Azure, "o3", Effort::Off, json!({ "reasoning_effort": "low" })),
            (Dialect::ReasoningEffort, "o4-mini", Effort::High, json!({ "reasoning_effort": "high" })),
            (Dialect::OpenRouter, "x/y", Effort::Medium, json!({ "reasoning": { "effort": "medium" } })),
            (Dialect::OpenRouter, "x/y", Effort::Off, json!({ "reasoning": { "enabled": false } })),
            (Dialect::Qwen, "qwen3", Effort::Off, json!({ "enable_thinking": false })),
            (
                Dialect::Qwen,
                "qwen3",
                Effort::Low,
                json!({ "enable_thinking": true, "thinking_budget": 2048 }),
            ),
            (Dialect::Qwen, "qwen3", Effort::High, json!({ "enable_thinking": true })),
            (Dialect::ThinkingSwitch, "glm-4.6", Effort::Low, json!({ "thinking": { "type": "enabled" } })),
            (
                Dialect::ThinkingSwitch,
                "kimi-k2.5",
                Effort::Off,
                json!({ "thinking": { "type": "disabled" } }),
            ),
            (
                Dialect::Other,
                "Qwen/Qwen3-8B",
                Effort::Off,
                json!({ "chat_template_kwargs": { "enable_thinking": false, "thinking": false } }),
            ),
            (Dialect::Other, "openai/gpt-oss-20b", Effort::High, json!({ "reasoning_effort": "high" })),
            (Dialect::FastGpt, "app", Effort::High, json!({})),
        ] {
            let fields = fields(dialect, &Family::of(model), effort);
            assert_eq!(Value::Object(fields), expected, "{dialect:?} {model} {effort:?}");
        }
    }
}
