//! Limits of replies, and what happens when a provider fails.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use kaiwa_engine::Limits;

use super::{
    reader::Reader,
    variable::{Variable, section},
};

section! {
    "Generations"

    MAX_GENERATIONS_PER_USER {
        default: "`8`",
        example: "4",
        help: "How many replies one user can receive at the same time.",
    }

    MAX_GENERATIONS {
        default: "`2000`",
        example: "500",
        help: "How many replies all users together can receive at the same time.",
    }

    MAX_REPLY_BYTES {
        default: "`4194304` (4 MiB)",
        example: "1048576",
        help: "The maximum size of a reply in bytes, including reasoning. A longer reply is cut off there and kept.",
    }

    MAX_REPLY_MINUTES {
        default: "`60`",
        example: "20",
        help: "How long a reply may take, in minutes. A longer reply is cut off then and kept.",
    }

    MODEL_FALLBACKS {
        default: "none",
        example: r#"{"openai/gpt-5":["openrouter/openai/gpt-5"]}"#,
        help: "The models to try when a provider fails before its reply begins, as JSON: from a model's id to a list of ids in order of preference.",
    }

    AUTO_CONTINUE {
        default: "`false`",
        example: "true",
        help: "`true`: a reply that was cut off continues automatically, with the model's first fallback if it has one.",
    }
}

/// Limits of replies, and what happens when a provider fails.
#[derive(Clone, Debug, Default)]
pub struct GenerationSettings {
    /// Limits of replies.
    pub limits: Limits,
    /// The fallbacks of each model, by id.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// Whether a reply that was cut off continues automatically.
    pub auto_continue: bool,
}

impl GenerationSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let default = Limits::default();
        let limits = Limits {
            per_user: number(reader, MAX_GENERATIONS_PER_USER, 1..=100_000).unwrap_or(default.per_user),
            global: number(reader, MAX_GENERATIONS, 1..=1_000_000).unwrap_or(default.global),
            reply_bytes: number(reader, MAX_REPLY_BYTES, 1024..=1024 * 1024 * 1024)
                .unwrap_or(default.reply_bytes),
            reply_time: number(reader, MAX_REPLY_MINUTES, 1..=7 * 24 * 60)
                .map_or(default.reply_time, Duration::from_mins),
        };
        let fallbacks = reader.parse_with(MODEL_FALLBACKS, |text| {
            serde_json::from_str::<BTreeMap<String, Vec<String>>>(text)
                .map_err(|error| format!("is not the expected JSON ({error})"))
        });
        Self {
            limits,
            fallbacks: fallbacks.unwrap_or_default(),
            auto_continue: reader.flag(AUTO_CONTINUE).unwrap_or(false),
        }
    }
}

/// A whole number within `range`.
fn number<T>(reader: &mut Reader<'_>, variable: Variable, range: RangeInclusive<T>) -> Option<T>
where
    T: std::str::FromStr + std::fmt::Display + PartialOrd,
{
    reader.parse_with(variable, |text| match text.parse::<T>() {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(format!("`{text}` is not a whole number from {} to {}", range.start(), range.end())),
    })
}
