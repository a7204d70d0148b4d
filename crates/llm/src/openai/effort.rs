//! How hard to think, in the words of each service.

use kaiwa_shared::message::Effort;
use serde_json::{Map, Value, json};

use super::{family::Family, service::Service};

/// Tokens of thought at Qwen; as much as the model can where there is no entry.
const QWEN_BUDGETS: [(Effort, u32); 2] = [(Effort::Low, 2048), (Effort::Medium, 8192)];

/// The fields that ask for it.
pub(super) fn fields(service: Service, family: &Family, effort: Effort) -> Map<String, Value> {
    let thinks = effort != Effort::Off;
    let fields = match service {
        Service::FastGpt => json!({}),
        Service::OpenRouter if thinks => json!({ "reasoning": { "effort": family.effort_word(effort) } }),
        Service::OpenRouter => json!({ "reasoning": { "enabled": false } }),
        Service::Qwen => {
            let budget = QWEN_BUDGETS.iter().find(|(of, _)| *of == effort).map(|(_, tokens)| tokens);
            match budget {
                Some(tokens) => json!({ "enable_thinking": true, "thinking_budget": tokens }),
                None => json!({ "enable_thinking": thinks }),
            }
        }
        Service::Switch => json!({ "thinking": { "type": if thinks { "enabled" } else { "disabled" } } }),
        // Servers of one's own pass the switch on to the model's template, whichever name it has there.
        Service::Other if !family.takes_effort() => {
            json!({ "chat_template_kwargs": { "enable_thinking": thinks, "thinking": thinks } })
        }
        Service::Azure | Service::Effort | Service::Other => {
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
    fn each_service_is_asked_in_its_own_words() {
        for (service, model, effort, expected) in [
            (Service::Effort, "gpt-5.1", Effort::Off, json!({ "reasoning_effort": "none" })),
            (Service::Effort, "gpt-5-mini", Effort::Off, json!({ "reasoning_effort": "minimal" })),
            (Service::Azure, "o3", Effort::Off, json!({ "reasoning_effort": "low" })),
            (Service::Effort, "o4-mini", Effort::High, json!({ "reasoning_effort": "high" })),
            (Service::OpenRouter, "x/y", Effort::Medium, json!({ "reasoning": { "effort": "medium" } })),
            (Service::OpenRouter, "x/y", Effort::Off, json!({ "reasoning": { "enabled": false } })),
            (Service::Qwen, "qwen3", Effort::Off, json!({ "enable_thinking": false })),
            (
                Service::Qwen,
                "qwen3",
                Effort::Low,
                json!({ "enable_thinking": true, "thinking_budget": 2048 }),
            ),
            (Service::Qwen, "qwen3", Effort::High, json!({ "enable_thinking": true })),
            (Service::Switch, "glm-4.6", Effort::Low, json!({ "thinking": { "type": "enabled" } })),
            (Service::Switch, "kimi-k2.5", Effort::Off, json!({ "thinking": { "type": "disabled" } })),
            (
                Service::Other,
                "Qwen/Qwen3-8B",
                Effort::Off,
                json!({ "chat_template_kwargs": { "enable_thinking": false, "thinking": false } }),
            ),
            (Service::Other, "openai/gpt-oss-20b", Effort::High, json!({ "reasoning_effort": "high" })),
            (Service::FastGpt, "app", Effort::High, json!({})),
        ] {
            let fields = fields(service, &Family::of(model), effort);
            assert_eq!(Value::Object(fields), expected, "{service:?} {model} {effort:?}");
        }
    }
}
