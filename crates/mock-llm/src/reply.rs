//! What a scripted reply says, piece by piece.

use serde_json::{Value, json};

use crate::{
    markdown,
    request::ChatRequest,
    script::{Content, Oddity, Script},
    stamp,
};

/// One token's worth of a reply.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Reasoning(String),
    ToolCall(Value),
}

impl Piece {
    /// The piece as a chunk's `delta`.
    pub(crate) fn delta(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "content": text }),
            Self::Reasoning(text) => json!({ "reasoning_content": text }),
            Self::ToolCall(call) => json!({ "tool_calls": [call] }),
        }
    }
}

/// A reply's pieces, made as they are asked for, so that a million tokens need no memory.
pub(crate) type Pieces = Box<dyn Iterator<Item = Piece> + Send>;

/// The pieces of the reply that `script` asks for.
pub(crate) fn pieces(script: &Script, request: &ChatRequest) -> Pieces {
    if request.wants_title() {
        return words(&title(&request.first_user_text()));
    }
    match script.content {
        Content::Tokens => Box::new(numbered(script)),
        Content::Markdown => words(&markdown::of_length(script.kb)),
        Content::Echo => words(&request.last_user_text()),
        Content::Reasoning => {
            Box::new((0..script.tokens).map(|n| Piece::Reasoning(spaced("r", n))).chain(numbered(script)))
        }
        Content::Tools => Box::new(words("I look that up.").chain(
            tool_call(0, "get_weather", &["{\"city\"", ":\"", "東京\"}"]).chain(tool_call(
                1,
                "get_time",
                &["{\"zone\":", "\"Asia/Tokyo\"}"],
            )),
        )),
    }
}

/// The `finish_reason` of the whole reply.
pub(crate) fn finish_reason(script: &Script, request: &ChatRequest) -> &'static str {
    if script.content == Content::Tools && !request.wants_title() { "tool_calls" } else { "stop" }
}

/// The whole reply as the `message` of an answer that is not streamed.
pub(crate) fn message(pieces: Pieces) -> Value {
    let (mut text, mut reasoning, mut calls) = (String::new(), String::new(), Vec::<Value>::new());
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(&more),
            Piece::Reasoning(more) => reasoning.push_str(&more),
            Piece::ToolCall(call) => append_call(&mut calls, call),
        }
    }
    let mut message = json!({ "role": "assistant", "content": text });
    if !reasoning.is_empty() {
        message["reasoning_content"] = reasoning.into();
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    message
}

fn append_call(calls: &mut Vec<Value>, call: Value) {
    if call.get("id").is_some() {
        calls.push(call);
    } else if let (Some(last), Some(more)) = (calls.last_mut(), call["function"]["arguments"].as_str()) {
        let so_far = last["function"]["arguments"].as_str().unwrap_or_default();
        last["function"]["arguments"] = format!("{so_far}{more}").into();
    }
}

fn numbered(script: &Script) -> impl Iterator<Item = Piece> + Send + use<> {
    let word = if script.is(Oddity::SplitUtf8) { "词" } else { "t" };
    let place = if script.stamp { stamp::PLACE } else { "" };
    (0..script.tokens).map(move |n| Piece::Text(spaced(word, n) + place))
}

fn spaced(word: &str, n: u64) -> String {
    if n == 0 { format!("{word}0") } else { format!(" {word}{n}") }
}

/// Cuts a text as a tokenizer would: short words whole, long ones and Chinese in pieces of a few characters.
fn words(text: &str) -> Pieces {
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        let full = pieces.last().is_some_and(|piece| {
            let length = piece.chars().count();
            length >= 8 || (length >= 3 && !c.is_ascii_alphanumeric())
        });
        if full {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    Box::new(pieces.into_iter().filter(|piece| !piece.is_empty()).map(Piece::Text))
}

fn title(text: &str) -> String {
    // A client may show the whole conversation as one message.
    let text = text.strip_prefix("User:").unwrap_or(text).trim();
    let line = text.lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let title: String = words.join(" ").chars().take(40).collect();
    if title.is_empty() { "A conversation".to_owned() } else { title }
}

fn tool_call(
    index: u32,
    name: &'static str,
    fragments: &[&'static str],
) -> impl Iterator<Item = Piece> + use<> {
    let first = json!({
        "index": index, "id": format!("call_{index}"), "type": "function",
        "function": { "name": name, "arguments": "" },
    });
    let rest: Vec<Value> = fragments
        .iter()
        .map(|fragment| json!({ "index": index, "function": { "arguments": fragment } }))
        .collect();
    std::iter::once(first).chain(rest).map(Piece::ToolCall)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(messages: &Value) -> ChatRequest {
        serde_json::from_value(json!({ "model": "mock", "messages": messages })).unwrap()
    }

    #[test]
    fn cutting_a_text_loses_nothing() {
        let request =
            request(&json!([{ "role": "user", "content": "Grüße, 世界你好世界你好世界!\n\n- a  b" }]));
        let script = "echo".parse().unwrap();
        assert_eq!(message(pieces(&script, &request))["content"], "Grüße, 世界你好世界你好世界!\n\n- a  b");
    }

    #[test]
    fn a_title_is_asked_for_in_the_system_message() {
        let request = request(&json!([
            { "role": "system", "content": "Give this conversation a short title." },
            { "role": "user", "content": "User: How do I bake bread without an oven at home?" },
        ]));
        let reply = message(pieces(&"markdown".parse().unwrap(), &request));
        assert_eq!(reply["content"], "How do I bake bread without");
    }

    #[test]
    fn tool_calls_come_together_when_not_streamed() {
        let request = request(&json!([{ "role": "user", "content": "?" }]));
        let reply = message(pieces(&"tools".parse().unwrap(), &request));
        assert_eq!(reply["tool_calls"][0]["function"]["arguments"], "{\"city\":\"東京\"}");
        assert_eq!(reply["tool_calls"][1]["function"]["name"], "get_time");
    }
}
