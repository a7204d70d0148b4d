//! The names that makers give their models, for providers whose lists have only ids.

use std::{collections::HashMap, sync::LazyLock};

/// Display names by id, without owner, version date and tag.
static NAMES: LazyLock<HashMap<String, String>> =
    // A test reads the table, so a mistake in it cannot be released.
    LazyLock::new(|| serde_json::from_str(include_str!("names.json")).unwrap_or_default());

/// The display name of a widely used model, such as `GPT-4o mini` for `openai/gpt-4o-mini`.
///
/// A version date and a tag stay part of it, because a list may contain several of them: `GPT-4o mini (2024-07-18)`,
/// `Qwen3 8B`.
pub fn name_of(model: &str) -> Option<String> {
    let id = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let (id, tag) = id.split_once(':').unwrap_or((&id, ""));
    let (base, date) = if NAMES.contains_key(id) { (id, "") } else { split_date(id) };
    let name = NAMES.get(base)?;
    let date = match date {
        "" | "latest" => String::new(),
        date => format!(" ({date})"),
    };
    let tag = match tag {
        "" | "latest" => String::new(),
        tag if tag.starts_with(|c: char| c.is_ascii_digit()) => format!(" {}", tag.to_uppercase()),
        tag => format!(" ({tag})"),
    };
    Some(format!("{name}{date}{tag}"))
}

/// Splits `-2024-07-18`, `-20240718`, `-0718` or `-latest` off an id.
fn split_date(id: &str) -> (&str, &str) {
    let is_date = |end: &str| {
        let digits = end.chars().filter(char::is_ascii_digit).count();
        let is_digital = end.chars().all(|c| c.is_ascii_digit() || c == '-');
        end == "latest" || (is_digital && matches!((digits, end.len()), (4, 4) | (8, 8 | 10)))
    };
    let mut ends = id.match_indices('-').filter_map(|(at, _)| Some((id.get(..at)?, id.get(at + 1..)?)));
    ends.find(|(_, end)| is_date(end)).unwrap_or((id, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        let table: HashMap<String, String> = serde_json::from_str(include_str!("names.json")).unwrap();
        assert!(table.len() > 100);
        for (id, name) in table {
            assert_eq!(id, id.to_lowercase());
            assert!(!id.contains(['/', ':']), "`{id}` is never reached");
            assert!(!name.trim().is_empty(), "{id}");
        }
    }

    #[test]
    fn known_models_have_the_names_of_their_makers() {
        for (id, name) in [
            ("gpt-4o-mini", "GPT-4o mini"),
            ("openai/gpt-4o-mini", "GPT-4o mini"),
            ("gpt-4o-mini-2024-07-18", "GPT-4o mini (2024-07-18)"),
            ("GPT-5-mini-2025-08-07", "GPT-5 mini (2025-08-07)"),
            ("claude-haiku-4-5-20251001", "Claude Haiku 4.5 (20251001)"),
            ("claude-3-5-sonnet-latest", "Claude 3.5 Sonnet"),
            ("models/gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"),
            ("grok-4-0709", "Grok 4 (0709)"),
            ("deepseek-ai/DeepSeek-V3", "DeepSeek V3"),
            ("qwen3:8b", "Qwen3 8B"),
            ("llama3.3:latest", "Llama 3.3"),
            ("qwen3:30b-a3b", "Qwen3 30B-A3B"),
            ("deepseek-v3.2:free", "DeepSeek V3.2 (free)"),
        ] {
            assert_eq!(name_of(id).as_deref(), Some(name), "{id}");
        }
        for id in ["", "my-model", "gpt-4o-mini-finetuned", "qwen", "2024-07-18"] {
            assert_eq!(name_of(id), None, "{id}");
        }
    }
}
