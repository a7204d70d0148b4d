//! Anthropic's messages.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    SIGNATURE, Usage, Writer,
    output::{put_event, put_number, put_string},
};
use crate::{
    ask::{Ask, Role, Turn, required_list, required_string, strings_at, text_of},
    plan::{Call, Citation, End, Gathered, Item, Piece, Search},
};

const ID: &str = "msg_mock";

pub(super) fn ask(body: &Value) -> Result<Ask, String> {
    let messages = required_list(body, "messages")?;
    if body["max_tokens"].as_u64().is_none() {
        return Err("max_tokens: Field required".to_owned());
    }
    let mut turns = Vec::new();
    if !body["system"].is_null() {
        turns.push(Turn::new(Role::System, text_of(&body["system"])));
    }
    for message in messages {
        turns.extend(turns_of(message)?);
    }
    Ok(Ask {
        model: required_string(body, "model")?,
        stream: body["stream"] == true,
        turns,
        tools: strings_at(&body["tools"], "/name"),
        wants_usage: true,
        unsigned: messages.iter().any(is_unsigned),
        ..Ask::default()
    })
}

/// A user's message may contain tool results, followed by text.
fn turns_of(message: &Value) -> Result<Vec<Turn>, String> {
    let content = &message["content"];
    let blocks = content.as_array().map(Vec::as_slice).unwrap_or_default();
    let of_type = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
    let text = text_of(content);
    match message["role"].as_str() {
        Some("assistant") => {
            let calls = of_type("tool_use").filter_map(|block| Some(block["id"].as_str()?.to_owned()));
            Ok(vec![Turn { calls: calls.collect(), ..Turn::new(Role::Assistant, text) }])
        }
        Some("user") => {
            let mut turns: Vec<Turn> = of_type("tool_result").map(result).collect();
            if turns.is_empty() || !text.is_empty() {
                turns.push(Turn::new(Role::User, text));
            }
            Ok(turns)
        }
        other => Err(format!("messages: unexpected role {other:?}")),
    }
}

fn result(block: &Value) -> Turn {
    let results = block["tool_use_id"].as_str().map(str::to_owned).into_iter().collect();
    Turn { results, ..Turn::new(Role::Tool, text_of(&block["content"])) }
}

/// Whether a reply calls tools without starting with the signed reasoning that led to the calls.
fn is_unsigned(message: &Value) -> bool {
    let Some(blocks) = message["content"].as_array().filter(|_| message["role"] == "assistant") else {
        return false;
    };
    let signed = |block: &&Value| block["type"] == "thinking" && block["signature"] == SIGNATURE;
    let sealed = |block: &&Value| block["type"] == "redacted_thinking" && block["data"] == SIGNATURE;
    blocks.iter().any(|block| block["type"] == "tool_use")
        && !blocks.first().is_some_and(|block| signed(&block) || sealed(&block))
}

/// The open block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Thinking,
    Text,
}

/// Writes events.
pub(super) struct MessagesWriter {
    model: String,
    open: Option<Open>,
    /// The index of the next block.
    next: usize,
    /// The block index of each tool call.
    calls: Vec<usize>,
}

impl MessagesWriter {
    pub(super) fn new(ask: &Ask) -> Self {
        Self { model: ask.model.clone(), open: None, next: 0, calls: Vec::new() }
    }

    /// A delta of the open block with one string field.
    fn delta(index: usize, field: &[u8], text: &str, out: &mut BytesMut) {
        out.extend_from_slice(
            b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":",
        );
        put_number(out, index);
        out.extend_from_slice(b",\"delta\":{\"type\":");
        out.extend_from_slice(field);
        put_string(out, text);
        out.extend_from_slice(b"}}\n\n");
    }

    fn start(&mut self, block: &Value, out: &mut BytesMut) -> usize {
        let index = self.next;
        self.next += 1;
        put_event(out, &json!({ "type": "content_block_start", "index": index, "content_block": block }));
        index
    }

    fn stop(index: usize, out: &mut BytesMut) {
        put_event(out, &json!({ "type": "content_block_stop", "index": index }));
    }

    /// The index of an open block of this kind.
    fn ensure(&mut self, kind: Open, out: &mut BytesMut) -> usize {
        if self.open == Some(kind) {
            return self.next - 1;
        }
        self.close(out);
        self.open = Some(kind);
        let block = match kind {
            Open::Thinking => json!({ "type": "thinking", "thinking": "", "signature": "" }),
            Open::Text => json!({ "type": "text", "text": "", "citations": null }),
        };
        self.start(&block, out)
    }

    fn close(&mut self, out: &mut BytesMut) {
        let Some(open) = self.open.take() else { return };
        if open == Open::Thinking {
            Self::delta(self.next - 1, b"\"signature_delta\",\"signature\":", SIGNATURE, out);
        }
        Self::stop(self.next - 1, out);
    }

    fn whole_block(&mut self, block: &Value, out: &mut BytesMut) {
        self.close(out);
        let index = self.start(block, out);
        Self::stop(index, out);
    }

    fn begin_call(&mut self, call: &Call, out: &mut BytesMut) -> usize {
        self.close(out);
        let block = json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": {} });
        let index = self.start(&block, out);
        self.calls.push(index);
        index
    }

    fn block_of(&self, call: &Call) -> usize {
        self.calls.get(call.index).copied().unwrap_or_default()
    }

    fn search(&mut self, search: &Search, out: &mut BytesMut) {
        self.close(out);
        let mut asked = search_use(search);
        let input = std::mem::replace(&mut asked["input"], json!({})).to_string();
        let index = self.start(&asked, out);
        Self::delta(index, b"\"input_json_delta\",\"partial_json\":", &input, out);
        Self::stop(index, out);
        self.whole_block(&search_result(search), out);
    }
}

impl Writer for MessagesWriter {
    fn begin(&mut self, usage: Option<&Usage>, out: &mut BytesMut) {
        let mut message = message(&self.model, &[]);
        if let Some(usage) = usage {
            message["usage"] = usage_of(usage);
        }
        put_event(out, &json!({ "type": "message_start", "message": message }));
        put_event(out, &json!({ "type": "ping" }));
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut) {
        match piece {
            Piece::Text(text) | Piece::Refusal(text) => {
                let index = self.ensure(Open::Text, out);
                Self::delta(index, b"\"text_delta\",\"text\":", text, out);
            }
            Piece::Reasoning(text) => {
                let index = self.ensure(Open::Thinking, out);
                Self::delta(index, b"\"thinking_delta\",\"thinking\":", text, out);
            }
            Piece::Sealed => self.whole_block(&sealed(), out),
            Piece::Search(search) => self.search(search, out),
            Piece::Citation(citation) => {
                let index = self.ensure(Open::Text, out);
                let delta = json!({ "type": "citations_delta", "citation": citation_of(citation) });
                put_event(out, &json!({ "type": "content_block_delta", "index": index, "delta": delta }));
                self.close(out);
            }
            Piece::CallStart(call) => {
                let index = self.begin_call(call, out);
                // The first fragment is always empty.
                Self::delta(index, b"\"input_json_delta\",\"partial_json\":", "", out);
            }
            Piece::CallArguments(call, more) => {
                Self::delta(self.block_of(call), b"\"input_json_delta\",\"partial_json\":", more, out);
            }
            Piece::CallEnd(call) => Self::stop(self.block_of(call), out),
            Piece::CallWhole(call) => {
                let index = self.begin_call(call, out);
                Self::delta(index, b"\"input_json_delta\",\"partial_json\":", &call.arguments, out);
                Self::stop(index, out);
            }
        }
    }

    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut) {
        self.close(out);
        let delta = json!({ "stop_reason": stop_reason(end), "stop_sequence": null });
        let mut event = json!({ "type": "message_delta", "delta": delta });
        if let Some(usage) = usage {
            event["usage"] = usage_of(usage);
        }
        put_event(out, &event);
        put_event(out, &json!({ "type": "message_stop" }));
    }

    fn fail(&mut self, out: &mut BytesMut) {
        put_event(out, &error(529, "Overloaded"));
    }

    fn empty(&mut self, out: &mut BytesMut) {
        put_event(out, &json!({ "type": "ping" }));
        put_event(out, &json!({ "type": "an_event_of_next_year", "index": 0 }));
    }

    fn weird(&self) -> &'static [&'static str] {
        &[
            r#"{"type":"content_block_delta"}"#,
            r#"{"type":"content_block_delta","index":"zero","delta":{"type":"text_delta","text":7}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"a_delta_of_next_year"}}"#,
            r#"{"type":"content_block_delta","index":99,"delta":null}"#,
            r#"{"type":"content_block_stop","index":99}"#,
        ]
    }
}

/// The whole reply in one response.
pub(super) fn whole(ask: &Ask, reply: &Gathered, end: End, usage: Option<&Usage>) -> Value {
    let mut content = Vec::new();
    for item in &reply.items {
        match item {
            Item::Reasoning(text) => {
                content.push(json!({ "type": "thinking", "thinking": text, "signature": SIGNATURE }));
            }
            Item::Sealed => content.push(sealed()),
            Item::Text { text, citations } => {
                let citations: Vec<Value> = citations.iter().map(citation_of).collect();
                let citations = if citations.is_empty() { Value::Null } else { citations.into() };
                content.push(json!({ "type": "text", "text": text, "citations": citations }));
            }
            Item::Refusal(text) => content.push(json!({ "type": "text", "text": text, "citations": null })),
            Item::Search(search) => content.extend([search_use(search), search_result(search)]),
            Item::Call(call) => {
                content.push(
                    json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.input() }),
                );
            }
        }
    }
    let mut answer = message(&ask.model, &content);
    answer["stop_reason"] = stop_reason(end).into();
    if let Some(usage) = usage {
        answer["usage"] = usage_of(usage);
    }
    answer
}

/// An error in Anthropic's format.
pub(super) fn error(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_mock" })
}

fn message(model: &str, content: &[Value]) -> Value {
    json!({
        "id": ID, "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": null, "stop_sequence": null,
    })
}

fn stop_reason(end: End) -> &'static str {
    match end {
        End::Stop => "end_turn",
        End::ToolCalls => "tool_use",
        End::Length => "max_tokens",
        End::Refusal | End::Filtered => "refusal",
    }
}

/// Here the input tokens exclude the cached ones.
fn usage_of(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.prompt - usage.cached, "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached, "output_tokens": usage.output, "service_tier": "standard",
    })
}

fn sealed() -> Value {
    json!({ "type": "redacted_thinking", "data": SIGNATURE })
}

fn search_use(search: &Search) -> Value {
    json!({
        "type": "server_tool_use", "id": "srvtoolu_mock", "name": "web_search",
        "input": { "query": search.query },
    })
}

fn search_result(search: &Search) -> Value {
    let result = |source: &crate::plan::Source| {
        json!({
            "type": "web_search_result", "url": source.url, "title": source.title,
            "encrypted_content": SIGNATURE, "page_age": null,
        })
    };
    let content: Vec<Value> = search.sources.iter().map(result).collect();
    json!({ "type": "web_search_tool_result", "tool_use_id": "srvtoolu_mock", "content": content })
}

fn citation_of(citation: &Citation) -> Value {
    json!({
        "type": "web_search_result_location", "url": citation.source.url, "title": citation.source.title,
        "cited_text": citation.text, "encrypted_index": SIGNATURE,
    })
}
