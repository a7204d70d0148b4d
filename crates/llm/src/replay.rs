//! What adapters share when they send a conversation back to the provider that it came from.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{Content, Message, Native, Role};

/// What a tool is said to have answered where its answer never came: protocols refuse a call without one.
const NO_ANSWER: &str = "The call was interrupted before the tool answered.";

/// Marks a piece of JSON with the protocol that made it, so that no other adapter takes it for its own.
pub(crate) fn marked(protocol: &'static str, piece: impl Into<Value>) -> Native {
    Native(json!({ protocol: piece.into() }))
}

/// The piece inside, if `protocol`'s adapter made it.
pub(crate) fn own<'a>(native: &'a Native, protocol: &str) -> Option<&'a Map<String, Value>> {
    native.0.get(protocol)?.as_object()
}

/// A picture's bytes as protocols want them.
pub(crate) fn base64(data: &[u8]) -> String {
    STANDARD.encode(data)
}

/// A call's arguments as JSON: an empty object where the text is not one.
pub(crate) fn arguments(text: &str) -> Value {
    serde_json::from_str(text).ok().filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// What a tool answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    /// The id of the call.
    pub(crate) id: &'a str,
    /// The tool's name.
    pub(crate) name: &'a str,
    /// The answer as text.
    pub(crate) output: &'a str,
    /// The tool failed.
    pub(crate) is_error: bool,
}

/// The answers to `calls`, each an id and a name, of the assistant's message at `at`: one for each, in their order. An
/// answer that is missing, as after a stop, is made up; one that nobody asked for is left out.
pub(crate) fn answers<'a>(
    messages: &'a [Message],
    at: usize,
    calls: &[(&'a str, &'a str)],
) -> Vec<Answer<'a>> {
    let following = messages.iter().skip(at + 1).take_while(|message| message.role == Role::Tool);
    let mut given: Vec<Answer<'a>> =
        following.flat_map(|message| &message.content).filter_map(answer).collect();
    let mut answers = Vec::with_capacity(calls.len());
    for &(id, name) in calls {
        let found = given.iter().position(|answer| answer.id == id);
        answers.push(match found {
            Some(found) => Answer { name, ..given.remove(found) },
            None => Answer { id, name, output: NO_ANSWER, is_error: true },
        });
    }
    answers
}

/// Whether the assistant's message itself holds the answer to the call `id`: then the tool ran at a provider.
pub(crate) fn ran_at_provider(message: &Message, id: &str) -> bool {
    message.content.iter().filter_map(answer).any(|answer| answer.id == id)
}

fn answer(content: &Content) -> Option<Answer<'_>> {
    match content {
        Content::ToolResult { id, name, output, is_error } => {
            Some(Answer { id, name, output, is_error: *is_error })
        }
        _ => None,
    }
}

/// All that the operator says, in one text.
pub(crate) fn system_text(messages: &[Message]) -> String {
    let said = messages.iter().filter(|message| message.role == Role::System);
    let texts: Vec<&str> = said
        .flat_map(|message| &message.content)
        .filter_map(|content| match content {
            Content::Text(text) if !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: &str, output: &str) -> Content {
        Content::ToolResult { id: id.into(), name: String::new(), output: output.into(), is_error: false }
    }

    #[test]
    fn every_call_has_its_answer_in_the_order_of_the_calls() {
        let messages = [
            Message { role: Role::Assistant, content: vec![] },
            Message { role: Role::Tool, content: vec![result("b", "2"), result("x", "nobody asked")] },
            Message { role: Role::Tool, content: vec![result("a", "1")] },
            Message::text(Role::User, "go on"),
            Message { role: Role::Tool, content: vec![result("c", "too late")] },
        ];
        let answers = answers(&messages, 0, &[("a", "f"), ("b", "g"), ("c", "h")]);
        let told: Vec<_> =
            answers.iter().map(|answer| (answer.name, answer.output, answer.is_error)).collect();
        assert_eq!(told, [("f", "1", false), ("g", "2", false), ("h", NO_ANSWER, true)]);
    }

    #[test]
    fn a_piece_is_known_only_to_the_protocol_that_made_it() {
        let native = marked("anthropic", json!({ "type": "thinking" }));
        assert_eq!(own(&native, "anthropic").unwrap().get("type"), Some(&json!("thinking")));
        assert_eq!(own(&native, "gemini"), None);
        assert_eq!(own(&Native(json!("anthropic")), "anthropic"), None);
    }

    #[test]
    fn arguments_that_are_no_object_are_an_empty_one() {
        assert_eq!(arguments("{\"a\":1}"), json!({ "a": 1 }));
        for text in ["", "[1]", "null", "{\"a\":"] {
            assert_eq!(arguments(text), json!({}), "{text:?}");
        }
    }
}
