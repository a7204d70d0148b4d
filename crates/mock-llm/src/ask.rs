//! What the mock reads from a request, in any protocol.

use std::collections::BTreeSet;

use serde_json::Value;

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    /// The role that a message of OpenAI's or Ollama's protocols names.
    pub(crate) fn of(message: &Value) -> Result<Self, String> {
        match message["role"].as_str() {
            Some("system" | "developer") => Ok(Self::System),
            Some("user") => Ok(Self::User),
            Some("assistant") => Ok(Self::Assistant),
            Some("tool") => Ok(Self::Tool),
            other => Err(format!("Invalid value for a message's role: {other:?}")),
        }
    }
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
    /// Ids of the tool calls in this message; empty if the protocol has none.
    pub(crate) calls: Vec<String>,
    /// Ids of the tool calls whose results are in this message.
    pub(crate) results: Vec<String>,
}

impl Turn {
    pub(crate) fn new(role: Role, text: String) -> Self {
        Self { role, text, calls: Vec::new(), results: Vec::new() }
    }
}

/// A request for a reply.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about what a client sent")]
#[derive(Debug, Default)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) turns: Vec<Turn>,
    /// Names of the offered tools.
    pub(crate) tools: Vec<String>,
    /// The usage is part of a streamed reply.
    pub(crate) wants_usage: bool,
    /// The request contains `stream_options`, which strict hosts refuse.
    pub(crate) has_stream_options: bool,
    /// The reasoning is also sent encrypted.
    pub(crate) wants_sealed: bool,
    /// The reasoning of a tool call was missing or altered when the call was sent back.
    pub(crate) unsigned: bool,
}

impl Ask {
    /// The last user message.
    pub(crate) fn last_user_text(&self) -> &str {
        self.user_texts().last().unwrap_or_default()
    }

    /// The first user message.
    pub(crate) fn first_user_text(&self) -> &str {
        self.user_texts().next().unwrap_or_default()
    }

    fn user_texts(&self) -> impl Iterator<Item = &str> {
        self.turns.iter().filter(|turn| turn.role == Role::User).map(|turn| turn.text.as_str())
    }

    /// Whether the client asks for the title of a conversation.
    pub(crate) fn wants_title(&self) -> bool {
        self.turns
            .iter()
            .filter(|turn| turn.role == Role::System)
            .map(|turn| turn.text.to_lowercase())
            .any(|text| text.contains("title") || text.contains("标题"))
    }

    /// An estimate of the prompt's length, in tokens.
    pub(crate) fn prompt_tokens(&self) -> usize {
        self.turns.iter().map(|turn| turn.text.chars().count().div_ceil(4)).sum()
    }

    /// The rounds of tool results since the last user message.
    pub(crate) fn rounds(&self) -> u64 {
        let since = self.turns.rsplit(|turn| turn.role == Role::User).next().unwrap_or_default();
        let groups = since.chunk_by(|a, b| (a.role == Role::Tool) == (b.role == Role::Tool));
        let by_tools = groups.filter(|group| group.iter().any(|turn| turn.role == Role::Tool));
        u64::try_from(by_tools.count()).unwrap_or(u64::MAX)
    }

    /// The number of tool results in the conversation.
    pub(crate) fn results(&self) -> usize {
        self.turns.iter().filter(|turn| turn.role == Role::Tool).count()
    }

    /// The latest tool results.
    pub(crate) fn last_results(&self) -> Vec<&str> {
        let after = self.turns.rsplit(|turn| turn.role != Role::Tool).next().unwrap_or_default();
        after.iter().map(|turn| turn.text.as_str()).collect()
    }

    /// A tool call without its result, or a result without its call: every provider refuses both.
    pub(crate) fn unpaired(&self) -> Option<String> {
        let mut open = BTreeSet::new();
        for turn in &self.turns {
            if turn.role == Role::User && !open.is_empty() {
                break;
            }
            open.extend(&turn.calls);
            if let Some(stray) = turn.results.iter().find(|id| !open.remove(id)) {
                return Some(format!("The tool result '{stray}' answers no tool call."));
            }
        }
        open.first().map(|id| format!("The tool call '{id}' has no tool result right after it."))
    }
}

/// The text of a content that is a string or a list of parts.
pub(crate) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The strings at `pointer` in each of a list's items.
pub(crate) fn strings_at(list: &Value, pointer: &str) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| Some(item.pointer(pointer)?.as_str()?.to_owned())).collect()
}

/// The string in this field, or an error message.
pub(crate) fn required_string(body: &Value, field: &str) -> Result<String, String> {
    body[field].as_str().map(str::to_owned).ok_or_else(|| format!("{field}: a string is required"))
}

/// The list in this field, or an error message.
pub(crate) fn required_list<'a>(body: &'a Value, field: &str) -> Result<&'a [Value], String> {
    body[field].as_array().map(Vec::as_slice).ok_or_else(|| format!("{field}: a list is required"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, calls: &[&str], results: &[&str]) -> Turn {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Turn { role, text: "x".into(), calls: owned(calls), results: owned(results) }
    }

    fn ask(turns: Vec<Turn>) -> Ask {
        Ask { turns, ..Ask::default() }
    }

    #[test]
    fn rounds_are_counted_since_the_user_spoke() {
        let round = |n: &str| {
            vec![
                turn(Role::Assistant, &[&format!("{n}a"), &format!("{n}b")], &[]),
                turn(Role::Tool, &[], &[&format!("{n}a")]),
                turn(Role::Tool, &[], &[&format!("{n}b")]),
            ]
        };
        let user = || vec![turn(Role::User, &[], &[])];
        assert_eq!(ask(user()).rounds(), 0);
        let two = ask([user(), round("1"), round("2")].concat());
        assert_eq!((two.rounds(), two.results(), two.last_results().len(), two.unpaired()), (2, 4, 2, None));
        assert_eq!(ask([user(), round("1"), user()].concat()).rounds(), 0);
    }

    #[test]
    fn a_call_and_its_result_belong_together() {
        let lonely = ask(vec![turn(Role::Assistant, &["a"], &[]), turn(Role::User, &[], &[])]);
        assert!(lonely.unpaired().unwrap().contains("'a' has no tool result"));
        let stray = ask(vec![turn(Role::User, &[], &[]), turn(Role::Tool, &[], &["b"])]);
        assert!(stray.unpaired().unwrap().contains("'b' answers no tool call"));
    }
}
