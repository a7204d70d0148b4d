//! Every protocol and every fault, over a real socket.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a helper cannot do fails its test")]

mod client;
mod faults;
mod lists;
mod protocols;
mod record;
mod wire;

use client::{Answer, call};
use kaiwa_mock_llm::{MockLlm, Options};
use serde_json::{Value, json};

/// The names of all protocols.
pub(crate) const PROTOCOLS: [&str; 5] = ["chat", "responses", "messages", "gemini", "ollama"];

pub(crate) fn start() -> MockLlm {
    MockLlm::start(Options::default()).unwrap()
}

/// The path, headers and body of a protocol's request.
pub(crate) fn question(protocol: &str, model: &str, stream: bool) -> (String, &'static str, Value) {
    let messages = json!([{ "role": "user", "content": "Hello, 世界!" }]);
    match protocol {
        "chat" => {
            let mut body = json!({ "model": model, "messages": messages, "stream": stream });
            if stream {
                body["stream_options"] = json!({ "include_usage": true });
            }
            ("/v1/chat/completions".into(), "authorization: Bearer secret-key\r\n", body)
        }
        "responses" => {
            let include = ["reasoning.encrypted_content"];
            let body = json!({ "model": model, "input": messages, "stream": stream, "include": include });
            ("/v1/responses".into(), "authorization: Bearer secret-key\r\n", body)
        }
        "messages" => {
            let body = json!({ "model": model, "messages": messages, "stream": stream, "max_tokens": 100 });
            ("/v1/messages".into(), "x-api-key: secret-key\r\nanthropic-version: 2023-06-01\r\n", body)
        }
        "gemini" => {
            let action = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
            let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hello, 世界!" }] }] });
            (format!("/v1beta/models/{model}:{action}"), "x-goog-api-key: secret-key\r\n", body)
        }
        "ollama" => {
            let body = json!({ "model": model, "messages": messages, "stream": stream });
            ("/api/chat".into(), "authorization: Bearer secret-key\r\n", body)
        }
        _ => panic!("{protocol} is no protocol"),
    }
}

pub(crate) fn ask(mock: &MockLlm, protocol: &str, model: &str, stream: bool) -> Answer {
    let (path, headers, body) = question(protocol, model, stream);
    call(mock, "POST", &path, headers, &body.to_string())
}

/// The events of a streamed reply.
pub(crate) fn streamed(mock: &MockLlm, protocol: &str, model: &str) -> Vec<Value> {
    let answer = ask(mock, protocol, model, true);
    assert_eq!((answer.status, answer.is_complete), (200, true), "{answer:?}");
    if protocol == "ollama" { answer.lines() } else { answer.events() }
}

/// The strings at `pointer`, concatenated.
pub(crate) fn joined(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

/// The text of a streamed reply, including reasoning if they share a field.
pub(crate) fn text(protocol: &str, events: &[Value]) -> String {
    let of_type =
        |kind: &str| -> Vec<Value> { events.iter().filter(|event| event["type"] == kind).cloned().collect() };
    match protocol {
        "chat" => joined(events, "/choices/0/delta/content"),
        "responses" => joined(&of_type("response.output_text.delta"), "/delta"),
        "messages" => joined(events, "/delta/text"),
        "gemini" => joined(events, "/candidates/0/content/parts/0/text"),
        _ => joined(events, "/message/content"),
    }
}
