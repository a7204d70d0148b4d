//! Shared by adapters when they send a conversation back to a provider.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{Content, Message, ProviderBlock, Role};

/// The result of a tool call that was interrupted: protocols refuse a call without a result.
const NO_ANSWER: &str = "The call was interrupted before the tool answered.";

/// Marks a provider block with the protocol that created it, so that other adapters ignore it.
pub(crate) fn marked(protocol: &'static str, piece: impl Into<Value>) -> ProviderBlock {
    ProviderBlock(json!({ protocol: piece.into() }))
}

/// The block's content, if `protocol`'s adapter created it.
pub(crate) fn own<'a>(provider_block: &'a ProviderBlock, protocol: &str) -> Option<&'a Map<String, Value>> {
    provider_block.0.get(protocol)?.as_object()
}

/// A file's bytes as Base64.
pub(crate) fn base64(data: &[u8]) -> String {
    STANDARD.encode(data)
}

/// A file as a `data:` URL.
pub(crate) fn data_url(media_type: &str, data: &[u8]) -> String {
    format!("data:{media_type};base64,{}", base64(data))
}

/// A call's arguments as JSON; an empty object if the text is not an object.
pub(crate) fn arguments(text: &str) -> Value {
    serde_json::from_str(text).ok().filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// The result of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    /// The id of the call.
    pub(crate) id: &'a str,
    /// The tool's name.
    pub(crate) name: &'a str,
    /// The result as text.
    pub(crate) output: &'a str,
    /// The tool failed.
    pub(crate) is_error: bool,
}

/// The results for `calls`, each an id and a name, of the assistant's message at `at`: one per call, in order. A
/// missing result, as after a stop, is filled in; a result without a call is left out.
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

/// Whether the assistant's message itself contains the result of call `id`, so that the tool ran at a provider.
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

/// All system messages as one text.
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
    fn every_call_has_a_result_in_the_order_of_the_calls() {
        let messages = [
            Message { role: Role::Assistant, content: vec![] },
            Message { role: Role::Tool, content: vec![result("b", "2"), result("x", "nobody asked")] },
            Message { role: Role::Tool, content: vec![result("a", "1")] },
            Message::text(Role::User, "go on"),
            Message { role: Role::Tool, content: vec![result("c", "too late")] },
        ];
        let answers = answers(&messages, 0, &[("a", "f"), ("b", "g"), ("c", "h")]);
        let results: Vec<_> =
            answers.iter().map(|answer| (answer.name, answer.output, answer.is_error)).collect();
        assert_eq!(results, [("f", "1", false), ("g", "2", false), ("h", NO_ANSWER, true)]);
    }

    #[test]
    fn a_provider_block_is_known_to_its_protocol_only() {
        let provider_block = marked("anthropic", json!({ "type": "thinking" }));
        assert_eq!(own(&provider_block, "anthropic").unwrap().get("type"), Some(&json!("thinking")));
        assert_eq!(own(&provider_block, "gemini"), None);
        assert_eq!(own(&ProviderBlock(json!("anthropic")), "anthropic"), None);
    }

    #[test]
    fn arguments_that_are_not_an_object_become_an_empty_one() {
        assert_eq!(arguments("{\"a\":1}"), json!({ "a": 1 }));
        for text in ["", "[1]", "null", "{\"a\":"] {
            assert_eq!(arguments(text), json!({}), "{text:?}");
        }
    }
}
