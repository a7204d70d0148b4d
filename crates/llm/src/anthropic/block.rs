//! One block of a message's content: its start, its deltas and its end.

use kaiwa_shared::message::ToolResult;
use serde_json::{Map, Value};

use super::{cited, hosted, marked};
use crate::{Event, ToolCallDelta};

/// A block that has started.
#[derive(Debug)]
pub(super) enum Block {
    Text,
    /// Reasoning, with the fields that must go back with its text.
    Thinking(Map<String, Value>),
    Call(Call),
    /// A block whose neutral form is incomplete or missing.
    Whole(Whole),
}

/// The calls of one message so far.
#[derive(Debug, Default)]
pub(super) struct Calls {
    count: u32,
    /// The model waits for a tool that runs here.
    pub(super) wait: bool,
}

/// A tool that is called.
#[derive(Debug)]
pub(super) struct Call {
    index: u32,
    /// The arguments at the start, if the host does not send them in pieces.
    input: Value,
    /// Some of the arguments have arrived.
    begun: bool,
    /// The fields that must go back with the call, if the tool runs at the provider.
    provider_block: Option<Map<String, Value>>,
}

/// A block that is kept unchanged.
#[derive(Debug)]
pub(super) struct Whole {
    block: Map<String, Value>,
    /// The pieces of its `input`.
    input: String,
}

impl Block {
    /// Starts a block.
    pub(super) fn begin(mut block: Map<String, Value>, calls: &mut Calls, out: &mut Vec<Event>) -> Self {
        let kind = text(&block, "type").to_owned();
        match kind.as_str() {
            "text" => {
                push_text(take_text(&mut block, "text"), out);
                if let Some(Value::Array(citations)) = block.get("citations") {
                    out.extend(citations.iter().filter_map(cited::citation).map(Event::Citation));
                }
                Self::Text
            }
            "thinking" => {
                push_reasoning(take_text(&mut block, "thinking"), out);
                Self::Thinking(block)
            }
            "tool_use" => {
                calls.wait = true;
                Self::Call(Call::begin(block, None, calls, out))
            }
            kind if hosted::is_call(kind) => {
                let mut provider_block = block.clone();
                for field in ["id", "name", "input"] {
                    provider_block.remove(field);
                }
                Self::Call(Call::begin(block, Some(provider_block), calls, out))
            }
            _ => Self::Whole(Whole { block, input: String::new() }),
        }
    }

    /// Whether the block has no neutral form at all.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Whole(whole) if {
            let kind = text(&whole.block, "type");
            !hosted::is_result(kind) && kind != "redacted_thinking"
        })
    }

    /// Takes a delta of the block.
    pub(super) fn extend(&mut self, mut delta: Map<String, Value>, out: &mut Vec<Event>) {
        match (self, text(&delta, "type")) {
            (Self::Text, "text_delta") => push_text(take_text(&mut delta, "text"), out),
            (Self::Text, "citations_delta") => {
                out.extend(delta.get("citation").and_then(cited::citation).map(Event::Citation));
            }
            (Self::Thinking(_), "thinking_delta") => push_reasoning(take_text(&mut delta, "thinking"), out),
            (Self::Thinking(provider_block), _) => merge(provider_block, delta),
            (Self::Call(call), "input_json_delta") => call.extend(take_text(&mut delta, "partial_json"), out),
            (Self::Whole(whole), "input_json_delta") => {
                whole.input.push_str(text(&delta, "partial_json"));
            }
            (Self::Whole(whole), "citations_delta") => {
                let citations = whole.block.entry("citations").or_insert_with(|| Value::Array(Vec::new()));
                if let (Value::Array(citations), Some(citation)) = (citations, delta.remove("citation")) {
                    citations.push(citation);
                }
            }
            (Self::Whole(whole), _) => merge(&mut whole.block, delta),
            // Text and calls have no fields for unknown deltas.
            (Self::Text | Self::Call(_), _) => {}
        }
    }

    /// Ends the block.
    pub(super) fn end(self, out: &mut Vec<Event>) {
        match self {
            Self::Text => {}
            Self::Thinking(provider_block) => out.push(Event::ProviderBlock(marked(provider_block))),
            Self::Call(call) => call.end(out),
            Self::Whole(whole) => whole.end(out),
        }
    }
}

impl Call {
    fn begin(
        mut block: Map<String, Value>,
        provider_block: Option<Map<String, Value>>,
        calls: &mut Calls,
        out: &mut Vec<Event>,
    ) -> Self {
        let index = calls.count;
        calls.count += 1;
        let (id, name) = (take_text(&mut block, "id"), take_text(&mut block, "name"));
        out.push(Event::ToolCall(ToolCallDelta { index, id, name, arguments: String::new() }));
        Self { index, input: block.remove("input").unwrap_or_default(), begun: false, provider_block }
    }

    fn extend(&mut self, arguments: String, out: &mut Vec<Event>) {
        if !arguments.is_empty() {
            self.begun = true;
            out.push(Event::ToolCall(ToolCallDelta {
                index: self.index,
                arguments,
                ..ToolCallDelta::default()
            }));
        }
    }

    fn end(mut self, out: &mut Vec<Event>) {
        if !self.begun {
            // A call without arguments has one empty piece, and a whole reply has all of them at once.
            let input = if self.input.is_object() { self.input.to_string() } else { "{}".to_owned() };
            self.extend(input, out);
        }
        out.extend(self.provider_block.map(|provider_block| Event::ProviderBlock(marked(provider_block))));
    }
}

impl Whole {
    fn end(mut self, out: &mut Vec<Event>) {
        if !self.input.is_empty() {
            let input = serde_json::from_str(&self.input).unwrap_or(Value::String(self.input));
            self.block.insert("input".to_owned(), input);
        }
        if hosted::is_result(text(&self.block, "type")) {
            out.push(Event::ToolResult(ToolResult {
                id: text(&self.block, "tool_use_id").to_owned(),
                output: hosted::output(&self.block),
                is_error: hosted::failed(&self.block),
            }));
        }
        out.push(Event::ProviderBlock(marked(self.block)));
    }
}

fn push_text(text: String, out: &mut Vec<Event>) {
    if !text.is_empty() {
        out.push(Event::Text(text));
    }
}

fn push_reasoning(text: String, out: &mut Vec<Event>) {
    if !text.is_empty() {
        out.push(Event::Reasoning(text));
    }
}

/// Adds a delta of an unknown kind: text is appended to the field of the same name, anything else replaces it.
fn merge(block: &mut Map<String, Value>, delta: Map<String, Value>) {
    for (field, value) in delta {
        match (block.get_mut(&field), value) {
            _ if field == "type" => {}
            (Some(Value::String(known)), Value::String(more)) => known.push_str(&more),
            (_, value) => {
                block.insert(field, value);
            }
        }
    }
}

/// A field's text; empty if it is missing or not a string.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn take_text(fields: &mut Map<String, Value>, field: &str) -> String {
    match fields.remove(field) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}
