//! Differences between families of models, independent of who serves them.

use kaiwa_shared::message::Effort;

/// What a model's name reveals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// The name in lower case, without any `provider/` before it.
    name: String,
    row: Option<&'static Row>,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// The prefix of the models' names.
    prefix: &'static str,
    /// Instructions have the role `developer`, the limit is `max_completion_tokens`, and a temperature is refused.
    reasoning_api: bool,
    /// The lowest `reasoning_effort`; empty if the family has none.
    least_effort: &'static str,
}

/// The first matching row decides; without one the defaults apply.
static ROWS: [Row; 9] = [
    Row { prefix: "gpt-5-chat", reasoning_api: false, least_effort: "" },
    Row { prefix: "gpt-5.", reasoning_api: true, least_effort: "none" },
    Row { prefix: "gpt-5", reasoning_api: true, least_effort: "minimal" },
    Row { prefix: "gpt-oss", reasoning_api: false, least_effort: "low" },
    Row { prefix: "grok", reasoning_api: false, least_effort: "low" },
    Row { prefix: "o1", reasoning_api: true, least_effort: "low" },
    Row { prefix: "o3", reasoning_api: true, least_effort: "low" },
    Row { prefix: "o4", reasoning_api: true, least_effort: "low" },
    Row { prefix: "codex-", reasoning_api: true, least_effort: "low" },
];

/// Families that need their reasoning back with the tool calls that it led to; without it they fail or answer badly.
const WANTS_REASONING_BACK: [&str; 4] = ["deepseek", "kimi", "glm", "mimo"];

/// Mistral's families: their host and their chat templates refuse tool calls with other ids.
const WANTS_SHORT_CALL_IDS: [&str; 7] =
    ["mistral", "mixtral", "ministral", "codestral", "devstral", "magistral", "pixtral"];

impl Family {
    /// The family of a model.
    pub(crate) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
        let row = ROWS.iter().find(|row| name.starts_with(row.prefix));
        Self { name, row }
    }

    /// OpenAI's reasoning models, with other names for the instructions' role and the limit, and no temperature.
    pub(crate) fn has_reasoning_api(&self) -> bool {
        self.row.is_some_and(|row| row.reasoning_api)
    }

    /// Reasoning is sent back with tool calls.
    pub(crate) fn wants_reasoning_back(&self) -> bool {
        WANTS_REASONING_BACK.iter().any(|family| self.name.contains(family))
    }

    /// A tool call's id must have nine letters and digits.
    pub(crate) fn wants_short_call_ids(&self) -> bool {
        WANTS_SHORT_CALL_IDS.iter().any(|family| self.name.contains(family))
    }

    /// It supports `reasoning_effort`, whoever serves it.
    pub(crate) fn takes_effort(&self) -> bool {
        self.row.is_some_and(|row| !row.least_effort.is_empty())
    }

    /// The model's `reasoning_effort` for an effort. Not every model can switch thinking off.
    pub(crate) fn effort_word(&self, effort: Effort) -> &'static str {
        match effort {
            Effort::Off => self.least_effort(),
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
        }
    }

    /// The lowest `reasoning_effort`.
    fn least_effort(&self) -> &'static str {
        self.row.map(|row| row.least_effort).filter(|word| !word.is_empty()).unwrap_or("none")
    }
}
