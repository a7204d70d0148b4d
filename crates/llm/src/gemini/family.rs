//! The thinking options of each generation of Gemini.

use serde_json::{Value, json};

use kaiwa_shared::message::Effort;

/// The version of a Gemini model: 2.5 as 205. A name without one, such as `gemini-flash-latest`, is the newest.
type Version = u32;

const NEWEST: Version = Version::MAX;

/// The `thinkingConfig` for `model`; `None` for a model that does not think or is not known.
pub(super) fn thinking(model: &str, effort: Option<Effort>) -> Option<Value> {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let version = version(&name)?;
    if version < 205 || name.contains("image") {
        return None;
    }
    let mut config = json!({ "includeThoughts": effort != Some(Effort::Off) });
    if let (Some(effort), Some(config)) = (effort, config.as_object_mut()) {
        if version < 300 {
            config.insert("thinkingBudget".to_owned(), json!(budget(&name, effort)));
        } else {
            config.insert("thinkingLevel".to_owned(), json!(level(&name, version, effort)));
        }
    }
    Some(config)
}

/// The thinking budget in tokens. `pro` always thinks and has a minimum.
fn budget(name: &str, effort: Effort) -> u32 {
    match effort {
        Effort::Off if name.contains("pro") => 128,
        Effort::Off => 0,
        Effort::Low => 2048,
        Effort::Medium => 8192,
        Effort::High => 24_576,
    }
}

/// The nearest level that the model supports; others are refused.
fn level(name: &str, version: Version, effort: Effort) -> &'static str {
    let is_pro = name.contains("pro");
    let takes_minimal = name.contains("flash-lite") || !is_pro && version <= 305;
    match effort {
        Effort::Off if takes_minimal => "minimal",
        Effort::Off | Effort::Low => "low",
        Effort::Medium if is_pro && version == 300 => "high",
        Effort::Medium => "medium",
        Effort::High => "high",
    }
}

/// Parses names such as `gemini-2.5-flash` and `gemini-3-pro-preview`; `None` for models of other makers.
fn version(name: &str) -> Option<Version> {
    let rest = name.split_once("gemini-")?.1;
    let number = rest.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    match (major.parse::<u32>(), minor.parse::<u32>()) {
        (Ok(major @ ..100), Ok(minor @ ..100)) => Some(major * 100 + minor),
        _ => Some(NEWEST),
    }
}

/// Whether calls without a signature are refused, so that a call of another model needs a substitute.
pub(super) fn wants_signatures(model: &str) -> bool {
    version(&model.to_lowercase()).is_some_and(|version| version >= 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_parameters() {
        let ask = |model: &str, effort| thinking(model, Some(effort)).unwrap_or_default();
        for (model, effort, expected) in [
            ("gemini-2.5-flash", Effort::Off, json!({ "includeThoughts": false, "thinkingBudget": 0 })),
            (
                "models/gemini-2.5-pro",
                Effort::Off,
                json!({ "includeThoughts": false, "thinkingBudget": 128 }),
            ),
            ("gemini-2.5-pro", Effort::High, json!({ "includeThoughts": true, "thinkingBudget": 24_576 })),
            (
                "gemini-3-pro-preview",
                Effort::Medium,
                json!({ "includeThoughts": true, "thinkingLevel": "high" }),
            ),
            (
                "gemini-3.1-pro-preview",
                Effort::Off,
                json!({ "includeThoughts": false, "thinkingLevel": "low" }),
            ),
            (
                "gemini-3.1-flash-lite",
                Effort::Off,
                json!({ "includeThoughts": false, "thinkingLevel": "minimal" }),
            ),
            ("gemini-3.7-flash", Effort::Off, json!({ "includeThoughts": false, "thinkingLevel": "low" })),
            (
                "gemini-flash-latest",
                Effort::Medium,
                json!({ "includeThoughts": true, "thinkingLevel": "medium" }),
            ),
        ] {
            assert_eq!(ask(model, effort), expected, "{model}");
        }
    }

    #[test]
    fn only_models_that_think_are_asked_to_think() {
        for model in ["gemini-2.0-flash", "gemini-2.5-flash-image", "gemma-3-27b-it"] {
            assert_eq!(thinking(model, Some(Effort::High)), None, "{model}");
        }
        assert_eq!(thinking("gemini-2.5-flash", None), Some(json!({ "includeThoughts": true })));
    }
}
