//! OpenAI's chat completions, as the many hosts speak them.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    CREATED, SIGNATURE, Usage, Writer,
    output::{put_data, put_string},
};
use crate::{
    ask::{Ask, Role, Turn, required_list, required_string, strings_at, text_of},
    plan::{Call, Citation, End, Gathered, Piece},
    script::{Oddity, Script},
};

const ID: &str = "chatcmpl-mock";

/// The end of a chunk, after its delta.
const TAIL: &[u8] = b",\"logprobs\":null,\"finish_reason\":null}]}\n\n";

pub(super) fn ask(body: &Value) -> Result<Ask, String> {
    let messages = required_list(body, "messages")?;
    let options = &body["stream_options"];
    Ok(Ask {
        model: required_string(body, "model")?,
        stream: body["stream"] == true,
        turns: messages.iter().map(turn).collect::<Result<_, _>>()?,
        tools: strings_at(&body["tools"], "/function/name"),
        wants_usage: options["include_usage"] == true,
        has_stream_options: !options.is_null(),
        wants_sealed: false,
        unsigned: messages.iter().any(is_unsigned),
    })
}

fn turn(message: &Value) -> Result<Turn, String> {
    let results = message["tool_call_id"].as_str().map(str::to_owned).into_iter().collect();
    let calls = strings_at(&message["tool_calls"], "/id");
    Ok(Turn { calls, results, ..Turn::new(Role::of(message)?, text_of(&message["content"])) })
}

/// Whether a message calls tools without reasoning.
fn is_unsigned(message: &Value) -> bool {
    message["tool_calls"].is_array()
        && message["reasoning_content"].as_str().is_none_or(str::is_empty)
        && !message["reasoning_details"].is_array()
}

/// Writes chunks.
pub(super) struct ChatWriter {
    model: String,
    /// The start of a chunk, before its delta.
    head: Vec<u8>,
    wants_usage: bool,
    script: Script,
    /// Reasoning has been sent, but its signature has not.
    unsigned: bool,
}

impl ChatWriter {
    pub(super) fn new(ask: &Ask, script: &Script) -> Self {
        let model = json!(ask.model);
        let head = format!(
            "data: {{\"id\":\"{ID}\",\"object\":\"chat.completion.chunk\",\"created\":{CREATED},\"model\":{model},\
             \"choices\":[{{\"index\":0,\"delta\":"
        );
        Self {
            model: ask.model.clone(),
            head: head.into_bytes(),
            wants_usage: ask.wants_usage,
            script: script.clone(),
            unsigned: false,
        }
    }

    fn text(&self, field: &[u8], text: &str, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(field);
        put_string(out, text);
        out.extend_from_slice(b"}");
        out.extend_from_slice(TAIL);
    }

    fn delta(&self, delta: &Value, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        super::output::put_json(out, delta);
        out.extend_from_slice(TAIL);
    }

    fn call(&self, call: &Call, arguments: &str, out: &mut BytesMut) {
        let call = json!({
            "index": call.index, "id": call.id, "type": "function",
            "function": { "name": call.name, "arguments": arguments },
        });
        self.delta(&json!({ "tool_calls": [call] }), out);
    }

    fn thought(&mut self, text: &str, out: &mut BytesMut) {
        if !self.script.is(Oddity::Details) {
            return self.text(b"{\"reasoning_content\":", text, out);
        }
        self.unsigned = true;
        let detail = json!({ "type": "reasoning.text", "text": text, "format": "unknown", "index": 0 });
        self.delta(&json!({ "reasoning": text, "reasoning_details": [detail] }), out);
    }

    fn sign(&mut self, out: &mut BytesMut) {
        if std::mem::take(&mut self.unsigned) {
            self.delta(&json!({ "reasoning_details": [signature()] }), out);
        }
    }
}

impl Writer for ChatWriter {
    fn begin(&mut self, _usage: Option<&Usage>, out: &mut BytesMut) {
        self.delta(&json!({ "role": "assistant", "content": "" }), out);
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut) {
        if self.unsigned && !matches!(piece, Piece::Reasoning(_)) {
            self.sign(out);
        }
        match piece {
            Piece::Text(text) => self.text(b"{\"content\":", text, out),
            Piece::Reasoning(text) => self.thought(text, out),
            Piece::Refusal(text) => self.text(b"{\"refusal\":", text, out),
            Piece::Sealed if self.script.is(Oddity::Details) => {
                self.delta(&json!({ "reasoning_details": [sealed()] }), out);
            }
            Piece::Citation(citation) => self.delta(&json!({ "annotations": [annotation(citation)] }), out),
            Piece::CallStart(call) => self.call(call, "", out),
            Piece::CallWhole(call) => self.call(call, &call.arguments, out),
            Piece::CallArguments(call, more) => {
                let call = json!({ "index": call.index, "function": { "arguments": more } });
                self.delta(&json!({ "tool_calls": [call] }), out);
            }
            Piece::Sealed | Piece::Search(_) | Piece::CallEnd(_) => {}
        }
    }

    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut) {
        self.sign(out);
        let choice =
            json!({ "index": 0, "delta": {}, "logprobs": null, "finish_reason": finish_reason(end) });
        put_data(out, &chunk(&self.model, &[choice]));
        if let Some(usage) = usage.filter(|_| self.wants_usage) {
            let mut last = chunk(&self.model, &[]);
            last["usage"] = usage_of(usage);
            put_data(out, &last);
        }
        if !self.script.is(Oddity::NoDone) {
            out.extend_from_slice(b"data: [DONE]\n\n");
        }
    }

    fn fail(&mut self, out: &mut BytesMut) {
        put_data(out, &error(500, "The model crashed."));
    }

    fn empty(&mut self, out: &mut BytesMut) {
        put_data(
            out,
            &json!({
                "id": "", "object": "", "created": 0, "model": "", "choices": [],
                "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": {} }],
            }),
        );
    }

    fn weird(&self) -> &'static [&'static str] {
        &[
            r#"{"choices":"none"}"#,
            r#"{"choices":[null]}"#,
            r#"{"choices":[{"index":0,"delta":null}]}"#,
            r#"{"choices":[{"index":"zero","delta":{"content":7,"tool_calls":{}}}],"usage":"much"}"#,
        ]
    }
}

/// The whole reply in one response.
pub(super) fn whole(ask: &Ask, script: &Script, reply: &Gathered, end: End, usage: Option<&Usage>) -> Value {
    let mut message = json!({ "role": "assistant", "content": reply.text(), "refusal": reply.refusal() });
    let reasoning = reply.reasoning();
    if !reasoning.is_empty() {
        let field = if script.is(Oddity::Details) { "reasoning" } else { "reasoning_content" };
        message[field] = reasoning.clone().into();
    }
    if !reasoning.is_empty() && script.is(Oddity::Details) {
        let mut detail = signature();
        detail["text"] = reasoning.into();
        message["reasoning_details"] = json!([detail]);
    }
    let call = |call: &Call| json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } });
    let calls: Vec<Value> = reply.calls().map(call).collect();
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let annotations: Vec<Value> = reply.citations().map(annotation).collect();
    if !annotations.is_empty() {
        message["annotations"] = annotations.into();
    }
    let mut answer = json!({
        "id": ID, "object": "chat.completion", "created": CREATED, "model": ask.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(end) }],
    });
    if let Some(usage) = usage {
        answer["usage"] = usage_of(usage);
    }
    answer
}

/// An error in OpenAI's format.
pub(super) fn error(status: u16, message: &str) -> Value {
    let (kind, code) = match status {
        401 => ("invalid_request_error", "invalid_api_key"),
        402 => ("insufficient_quota", "insufficient_quota"),
        404 => ("invalid_request_error", "model_not_found"),
        413 => ("invalid_request_error", "context_length_exceeded"),
        429 => ("requests", "rate_limit_exceeded"),
        400..=499 => ("invalid_request_error", "invalid_request"),
        _ => ("server_error", "server_error"),
    };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

fn chunk(model: &str, choices: &[Value]) -> Value {
    json!({
        "id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": model, "choices": choices,
    })
}

fn finish_reason(end: End) -> &'static str {
    match end {
        End::Stop | End::Refusal => "stop",
        End::ToolCalls => "tool_calls",
        End::Length => "length",
        End::Filtered => "content_filter",
    }
}

fn usage_of(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt, "completion_tokens": usage.output, "total_tokens": usage.total(),
        "prompt_tokens_details": { "cached_tokens": usage.cached },
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning },
    })
}

fn annotation(citation: &Citation) -> Value {
    json!({ "type": "url_citation", "url_citation": {
        "url": citation.source.url, "title": citation.source.title,
        "start_index": citation.start, "end_index": citation.end,
    } })
}

fn signature() -> Value {
    json!({ "type": "reasoning.text", "signature": SIGNATURE, "format": "unknown", "index": 0 })
}

fn sealed() -> Value {
    json!({ "type": "reasoning.encrypted", "data": SIGNATURE, "id": "rs_sealed", "format": "unknown", "index": 0 })
}
