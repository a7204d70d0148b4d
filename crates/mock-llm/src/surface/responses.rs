//! OpenAI's responses.

mod items;

use bytes::BytesMut;
use serde_json::{Value, json};

use self::items::Items;
use super::{
    CREATED, SIGNATURE, Usage, Writer,
    output::{put_event, put_number, put_string},
};
use crate::{
    ask::{Ask, Role, Turn, required_string, strings_at, text_of},
    plan::{Call, End, Gathered, Item, Piece},
};

const ID: &str = "resp_mock";

pub(super) fn ask(body: &Value) -> Result<Ask, String> {
    let mut turns = Vec::new();
    if let Some(text) = body["instructions"].as_str() {
        turns.push(Turn::new(Role::System, text.to_owned()));
    }
    let mut unsigned = false;
    match &body["input"] {
        Value::String(text) => turns.push(Turn::new(Role::User, text.clone())),
        Value::Array(items) => {
            for item in items {
                turns.extend(turn(item)?);
            }
            unsigned = has_unsigned_call(items);
        }
        _ => return Err("Missing required parameter: 'input'.".to_owned()),
    }
    let included = body["include"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Ask {
        model: required_string(body, "model")?,
        stream: body["stream"] == true,
        turns,
        tools: strings_at(&body["tools"], "/name"),
        wants_usage: true,
        wants_sealed: included.iter().any(|what| what == "reasoning.encrypted_content"),
        unsigned,
        has_stream_options: false,
    })
}

fn turn(item: &Value) -> Result<Option<Turn>, String> {
    let id = || item["call_id"].as_str().map(str::to_owned).into_iter().collect();
    Ok(match item["type"].as_str() {
        Some("message") | None => Some(Turn::new(Role::of(item)?, text_of(&item["content"]))),
        Some("function_call") => Some(Turn { calls: id(), ..Turn::new(Role::Assistant, String::new()) }),
        Some("function_call_output") => {
            Some(Turn { results: id(), ..Turn::new(Role::Tool, text_of(&item["output"])) })
        }
        Some("reasoning" | "item_reference" | "web_search_call") => None,
        Some(other) => return Err(format!("Invalid value: '{other}' is no type of an input item.")),
    })
}

/// Whether a call lacks the sealed reasoning that led to it, since the last user message.
fn has_unsigned_call(items: &[Value]) -> bool {
    let mut signed = false;
    for item in items {
        match item["type"].as_str() {
            Some("reasoning") => signed = item["encrypted_content"] == SIGNATURE,
            Some("function_call") if !signed => return true,
            _ if item["role"] == "user" => signed = false,
            _ => {}
        }
    }
    false
}

/// The kind of the open item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Reasoning,
    Text,
    Refusal,
}

/// Writes events.
pub(super) struct ResponsesWriter {
    model: String,
    items: Items,
    sequence: usize,
    /// The finished items, and `null` for those that are not.
    output: Vec<Value>,
    open: Option<Open>,
    /// The text of the open item so far.
    text: String,
    annotations: Vec<Value>,
    /// The item of each tool call.
    calls: Vec<usize>,
}

impl ResponsesWriter {
    pub(super) fn new(ask: &Ask) -> Self {
        Self {
            model: ask.model.clone(),
            items: Items { are_sealed: ask.wants_sealed },
            sequence: 0,
            output: Vec::new(),
            open: None,
            text: String::new(),
            annotations: Vec::new(),
            calls: Vec::new(),
        }
    }

    fn event(&mut self, kind: &str, mut data: Value, out: &mut BytesMut) {
        data["type"] = kind.into();
        data["sequence_number"] = self.sequence.into();
        self.sequence += 1;
        put_event(out, &data);
    }

    /// A delta of an item: the event's name, the fields before the item's index, and the text.
    fn delta(&mut self, kind: &str, place: &str, index: usize, text: &str, out: &mut BytesMut) {
        for part in ["event: ", kind, "\ndata: {\"type\":\"", kind, "\",", place, "\"item_id\":\"item_"] {
            out.extend_from_slice(part.as_bytes());
        }
        put_number(out, index);
        out.extend_from_slice(b"\",\"output_index\":");
        put_number(out, index);
        out.extend_from_slice(b",\"sequence_number\":");
        put_number(out, self.sequence);
        out.extend_from_slice(b",\"delta\":");
        put_string(out, text);
        out.extend_from_slice(b"}\n\n");
        self.sequence += 1;
    }

    fn add(&mut self, item: &Value, out: &mut BytesMut) -> usize {
        let index = self.output.len();
        self.output.push(Value::Null);
        self.event("response.output_item.added", json!({ "output_index": index, "item": item }), out);
        index
    }

    fn done(&mut self, index: usize, item: Value, out: &mut BytesMut) {
        self.event("response.output_item.done", json!({ "output_index": index, "item": item }), out);
        if let Some(place) = self.output.get_mut(index) {
            *place = item;
        }
    }

    /// The index of an open item of this kind.
    fn ensure(&mut self, kind: Open, out: &mut BytesMut) -> usize {
        if self.open == Some(kind) {
            return self.output.len() - 1;
        }
        self.close(out);
        self.open = Some(kind);
        let index = self.output.len();
        if kind == Open::Reasoning {
            self.add(&self.items.reasoning(index, None, false), out);
            let part = json!({ "type": "summary_text", "text": "" });
            let data = json!({ "item_id": items::id(index), "output_index": index, "summary_index": 0, "part": part });
            self.event("response.reasoning_summary_part.added", data, out);
        } else {
            self.add(&items::message(index, None, "in_progress"), out);
            let part = items::part(kind == Open::Refusal, "", &[]);
            let data = json!({ "item_id": items::id(index), "output_index": index, "content_index": 0, "part": part });
            self.event("response.content_part.added", data, out);
        }
        index
    }

    fn close(&mut self, out: &mut BytesMut) {
        let Some(open) = self.open.take() else { return };
        let index = self.output.len() - 1;
        let text = std::mem::take(&mut self.text);
        let annotations = std::mem::take(&mut self.annotations);
        let at = |mut data: Value| {
            data["item_id"] = items::id(index).into();
            data["output_index"] = index.into();
            data
        };
        if open == Open::Reasoning {
            let data = at(json!({ "summary_index": 0, "text": text }));
            self.event("response.reasoning_summary_text.done", data, out);
            let part = json!({ "type": "summary_text", "text": text });
            let data = at(json!({ "summary_index": 0, "part": part }));
            self.event("response.reasoning_summary_part.done", data, out);
            return self.done(index, self.items.reasoning(index, Some(&text), true), out);
        }
        if open == Open::Refusal {
            let data = at(json!({ "content_index": 0, "refusal": text }));
            self.event("response.refusal.done", data, out);
        } else {
            let data = at(json!({ "content_index": 0, "text": text, "logprobs": [] }));
            self.event("response.output_text.done", data, out);
        }
        let part = items::part(open == Open::Refusal, &text, &annotations);
        self.event("response.content_part.done", at(json!({ "content_index": 0, "part": part })), out);
        self.done(index, items::message(index, Some(part), "completed"), out);
    }

    fn begin_call(&mut self, call: &Call, out: &mut BytesMut) {
        self.close(out);
        let index = self.output.len();
        self.add(&items::call(index, call, "", "in_progress"), out);
        self.calls.push(index);
    }

    fn arguments(&mut self, call: &Call, more: &str, out: &mut BytesMut) {
        let index = self.calls.get(call.index).copied().unwrap_or_default();
        self.delta("response.function_call_arguments.delta", "", index, more, out);
    }

    fn end_call(&mut self, call: &Call, out: &mut BytesMut) {
        let index = self.calls.get(call.index).copied().unwrap_or_default();
        let data = json!({
            "item_id": items::id(index), "output_index": index, "arguments": call.arguments,
        });
        self.event("response.function_call_arguments.done", data, out);
        self.done(index, items::call(index, call, &call.arguments, "completed"), out);
    }

    fn search(&mut self, search: &crate::plan::Search, out: &mut BytesMut) {
        self.close(out);
        let index = self.output.len();
        self.add(&items::search(index, search, "in_progress"), out);
        for stage in ["in_progress", "searching", "completed"] {
            let data = json!({ "item_id": items::id(index), "output_index": index });
            self.event(&format!("response.web_search_call.{stage}"), data, out);
        }
        self.done(index, items::search(index, search, "completed"), out);
    }
}

impl Writer for ResponsesWriter {
    fn begin(&mut self, _usage: Option<&Usage>, out: &mut BytesMut) {
        for kind in ["response.created", "response.in_progress"] {
            let response = response(&self.model, &[], "in_progress");
            self.event(kind, json!({ "response": response }), out);
        }
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut) {
        match piece {
            Piece::Text(text) => {
                let index = self.ensure(Open::Text, out);
                self.text.push_str(text);
                let place = "\"content_index\":0,\"logprobs\":[],";
                self.delta("response.output_text.delta", place, index, text, out);
            }
            Piece::Refusal(text) => {
                let index = self.ensure(Open::Refusal, out);
                self.text.push_str(text);
                self.delta("response.refusal.delta", "\"content_index\":0,", index, text, out);
            }
            Piece::Reasoning(text) => {
                let index = self.ensure(Open::Reasoning, out);
                self.text.push_str(text);
                let place = "\"summary_index\":0,";
                self.delta("response.reasoning_summary_text.delta", place, index, text, out);
            }
            Piece::Sealed => {
                self.close(out);
                let index = self.output.len();
                self.add(&self.items.reasoning(index, None, false), out);
                self.done(index, self.items.reasoning(index, None, true), out);
            }
            Piece::Citation(citation) => {
                let index = self.ensure(Open::Text, out);
                let annotation = items::annotation(citation);
                let data = json!({
                    "item_id": items::id(index), "output_index": index, "content_index": 0,
                    "annotation_index": self.annotations.len(), "annotation": annotation,
                });
                self.annotations.push(annotation);
                self.event("response.output_text.annotation.added", data, out);
            }
            Piece::Search(search) => self.search(search, out),
            Piece::CallStart(call) => self.begin_call(call, out),
            Piece::CallArguments(call, more) => self.arguments(call, more, out),
            Piece::CallEnd(call) => self.end_call(call, out),
            Piece::CallWhole(call) => {
                self.begin_call(call, out);
                self.arguments(call, &call.arguments, out);
                self.end_call(call, out);
            }
        }
    }

    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut) {
        self.close(out);
        let response = ended(&self.model, &self.output, end, usage);
        let kind =
            if response["status"] == "completed" { "response.completed" } else { "response.incomplete" };
        self.event(kind, json!({ "response": response }), out);
    }

    fn fail(&mut self, out: &mut BytesMut) {
        let data = json!({ "code": "server_error", "message": "The model crashed.", "param": null });
        self.event("error", data, out);
    }

    fn empty(&mut self, out: &mut BytesMut) {
        let response = response(&self.model, &[], "queued");
        self.event("response.queued", json!({ "response": response }), out);
        self.event("response.of_next_year", json!({ "item_id": "item_0" }), out);
    }

    fn weird(&self) -> &'static [&'static str] {
        &[
            r#"{"type":"response.output_text.delta"}"#,
            r#"{"type":"response.output_text.delta","output_index":"zero","delta":7}"#,
            r#"{"type":"response.output_item.added","item":null}"#,
            r#"{"type":"response.output_item.done","output_index":99,"item":{"type":"of_next_year"}}"#,
        ]
    }
}

/// The whole reply in one response.
pub(super) fn whole(ask: &Ask, reply: &Gathered, end: End, usage: Option<&Usage>) -> Value {
    let items = Items { are_sealed: ask.wants_sealed };
    let numbered = reply.items.iter().enumerate();
    let output: Vec<Value> = numbered
        .map(|(index, item)| match item {
            Item::Reasoning(text) => items.reasoning(index, Some(text), true),
            Item::Sealed => items.reasoning(index, None, true),
            Item::Text { text, citations } => {
                let annotations: Vec<Value> = citations.iter().map(items::annotation).collect();
                items::message(index, Some(items::part(false, text, &annotations)), "completed")
            }
            Item::Refusal(text) => items::message(index, Some(items::part(true, text, &[])), "completed"),
            Item::Search(search) => items::search(index, search, "completed"),
            Item::Call(call) => items::call(index, call, &call.arguments, "completed"),
        })
        .collect();
    ended(&ask.model, &output, end, usage)
}

fn ended(model: &str, output: &[Value], end: End, usage: Option<&Usage>) -> Value {
    let why = match end {
        End::Length => Some("max_output_tokens"),
        End::Filtered => Some("content_filter"),
        End::Stop | End::ToolCalls | End::Refusal => None,
    };
    let mut response = response(model, output, if why.is_some() { "incomplete" } else { "completed" });
    if let Some(reason) = why {
        response["incomplete_details"] = json!({ "reason": reason });
    }
    if let Some(usage) = usage {
        response["usage"] = json!({
            "input_tokens": usage.prompt, "output_tokens": usage.output, "total_tokens": usage.total(),
            "input_tokens_details": { "cached_tokens": usage.cached, "cache_write_tokens": 0 },
            "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        });
    }
    response
}

fn response(model: &str, output: &[Value], status: &str) -> Value {
    json!({
        "id": ID, "object": "response", "created_at": CREATED, "model": model, "status": status,
        "output": output, "error": null, "incomplete_details": null, "instructions": null, "metadata": {},
        "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0,
        "usage": null,
    })
}
