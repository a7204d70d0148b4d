//! Ollama's own API.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    Usage, Writer,
    output::{put_line, put_string_as_go},
};
use crate::{
    ask::{Ask, Role, Turn, required_list, required_string, strings_at, text_of},
    plan::{Call, End, Gathered, Piece},
};

const CREATED_AT: &str = "2026-01-01T00:00:00.000000001Z";

pub(super) fn ask(body: &Value) -> Result<Ask, String> {
    let messages = required_list(body, "messages")?;
    Ok(Ask {
        model: required_string(body, "model")?,
        // Streaming is the default here.
        stream: body["stream"] != false,
        turns: messages.iter().map(turn).collect::<Result<_, _>>()?,
        tools: strings_at(&body["tools"], "/function/name"),
        wants_usage: true,
        ..Ask::default()
    })
}

fn turn(message: &Value) -> Result<Turn, String> {
    Ok(Turn::new(Role::of(message)?, text_of(&message["content"])))
}

/// Writes lines.
pub(super) struct OllamaWriter {
    model: String,
    head: Vec<u8>,
}

impl OllamaWriter {
    pub(super) fn new(ask: &Ask) -> Self {
        let model = json!(ask.model);
        let head = format!(
            "{{\"model\":{model},\"created_at\":\"{CREATED_AT}\",\"message\":{{\"role\":\"assistant\",\"content\":"
        );
        Self { model: ask.model.clone(), head: head.into_bytes() }
    }

    fn said(&self, content: &str, thinking: Option<&str>, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        put_string_as_go(out, content);
        if let Some(thinking) = thinking {
            out.extend_from_slice(b",\"thinking\":");
            put_string_as_go(out, thinking);
        }
        out.extend_from_slice(b"},\"done\":false}\n");
    }
}

impl Writer for OllamaWriter {
    fn begin(&mut self, _usage: Option<&Usage>, _out: &mut BytesMut) {}

    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut) {
        match piece {
            Piece::Text(text) | Piece::Refusal(text) => self.said(text, None, out),
            Piece::Reasoning(text) => self.said("", Some(text), out),
            Piece::CallWhole(call) => {
                let message = json!({ "role": "assistant", "content": "", "tool_calls": [call_of(call)] });
                put_line(
                    out,
                    &json!({
                        "model": self.model, "created_at": CREATED_AT, "message": message, "done": false,
                    }),
                );
            }
            // The protocol cannot express these, and calls are requested whole.
            Piece::Sealed
            | Piece::Search(_)
            | Piece::Citation(_)
            | Piece::CallStart(_)
            | Piece::CallArguments(..)
            | Piece::CallEnd(_) => {}
        }
    }

    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut) {
        let message = json!({ "role": "assistant", "content": "" });
        put_line(out, &last(&self.model, &message, end, usage));
    }

    fn fail(&mut self, out: &mut BytesMut) {
        put_line(out, &error("an error was encountered while running the model: CUDA error"));
    }

    fn empty(&mut self, out: &mut BytesMut) {
        put_line(out, &json!({ "model": self.model, "created_at": CREATED_AT, "done": false }));
    }

    fn weird(&self) -> &'static [&'static str] {
        &[
            r#"{"message":null,"done":false}"#,
            r#"{"message":"text","done":"no"}"#,
            r#"{"message":{"role":"assistant","content":7,"tool_calls":{}},"done":false,"images":null}"#,
        ]
    }
}

/// The whole reply in one response.
pub(super) fn whole(ask: &Ask, reply: &Gathered, end: End, usage: Option<&Usage>) -> Value {
    let content = reply.refusal().map_or_else(|| reply.text(), str::to_owned);
    let mut message = json!({ "role": "assistant", "content": content });
    let thinking = reply.reasoning();
    if !thinking.is_empty() {
        message["thinking"] = thinking.into();
    }
    let calls: Vec<Value> = reply.calls().map(call_of).collect();
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    last(&ask.model, &message, end, usage)
}

/// An error in Ollama's format.
pub(super) fn error(message: &str) -> Value {
    json!({ "error": message })
}

fn call_of(call: &Call) -> Value {
    json!({ "function": { "index": call.index, "name": call.name, "arguments": call.input() } })
}

fn last(model: &str, message: &Value, end: End, usage: Option<&Usage>) -> Value {
    let mut last = json!({
        "model": model, "created_at": CREATED_AT, "message": message, "done": true,
        "done_reason": if end == End::Length { "length" } else { "stop" },
        "total_duration": 2_000_000_000_u64, "load_duration": 1_000_000,
    });
    if let Some(usage) = usage {
        // A cached prompt is not counted.
        if usage.cached == 0 {
            last["prompt_eval_count"] = usage.prompt.into();
        }
        last["prompt_eval_duration"] = 100_000_000.into();
        last["eval_count"] = usage.output.into();
        last["eval_duration"] = 1_000_000_000.into();
    }
    last
}
