//! One block of a message's content, from its beginning over its pieces to its end.

use kaiwa_shared::message::ToolResult;
use serde_json::{Map, Value};

use super::{cited, hosted, marked};
use crate::{Event, ToolCallDelta};

/// A block that has begun.
#[derive(Debug)]
pub(super) enum Block {
    Text,
    /// Thoughts; what the text lacks to go back is gathered.
    Thinking(Map<String, Value>),
    Call(Call),
    /// A block that has no neutral form, or one whose neutral form is less than it.
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
    /// The arguments that came with the beginning, if the host does not send them in pieces.
    input: Value,
    /// Some of the arguments have come.
    begun: bool,
    /// What the call lacks to go back, where the tool runs at the provider.
    native: Option<Map<String, Value>>,
}

/// A block that is kept as it is.
#[derive(Debug)]
pub(super) struct Whole {
    block: Map<String, Value>,
    /// The pieces of its `input`.
    input: String,
}

impl Block {
    /// Takes the beginning of a block.
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
                let mut native = block.clone();
                for field in ["id", "name", "input"] {
                    native.remove(field);
                }
                Self::Call(Call::begin(block, Some(native), calls, out))
            }
            _ => Self::Whole(Whole { block, input: String::new() }),
        }
    }

    /// Takes more of the block.
    pub(super) fn extend(&mut self, mut delta: Map<String, Value>, out: &mut Vec<Event>) {
        match (self, text(&delta, "type")) {
            (Self::Text, "text_delta") => push_text(take_text(&mut delta, "text"), out),
            (Self::Text, "citations_delta") => {
                out.extend(delta.get("citation").and_then(cited::citation).map(Event::Citation));
            }
            (Self::Thinking(_), "thinking_delta") => push_reasoning(take_text(&mut delta, "thinking"), out),
            (Self::Thinking(native), _) => merge(native, delta),
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
            // Words and calls have nothing that a piece of an unknown kind could add to.
            (Self::Text | Self::Call(_), _) => {}
        }
    }

    /// The block is whole.
    pub(super) fn end(self, out: &mut Vec<Event>) {
        match self {
            Self::Text => {}
            Self::Thinking(native) => out.push(Event::Native(marked(native))),
            Self::Call(call) => call.end(out),
            Self::Whole(whole) => whole.end(out),
        }
    }
}

impl Call {
    fn begin(
        mut block: Map<String, Value>,
        native: Option<Map<String, Value>>,
        calls: &mut Calls,
        out: &mut Vec<Event>,
    ) -> Self {
        let index = calls.count;
        calls.count += 1;
        let (id, name) = (take_text(&mut block, "id"), take_text(&mut block, "name"));
        out.push(Event::ToolCall(ToolCallDelta { index, id, name, arguments: String::new() }));
        Self { index, input: block.remove("input").unwrap_or_default(), begun: false, native }
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
            // A tool without arguments has an empty piece of them, and a whole reply has them all at once.
            let input = if self.input.is_object() { self.input.to_string() } else { "{}".to_owned() };
            self.extend(input, out);
        }
        out.extend(self.native.map(|native| Event::Native(marked(native))));
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
        out.push(Event::Native(marked(self.block)));
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

/// Adds a piece of a kind that nobody here knows: text is more of the text with the same name, anything else takes its
/// place.
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

/// A field's text; empty where it is missing or something else.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn take_text(fields: &mut Map<String, Value>, field: &str) -> String {
    match fields.remove(field) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}
