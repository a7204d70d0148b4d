//! Output items, the pieces of a response.

use kaiwa_shared::message::ToolResult;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{PROTOCOL, reasoning};
use crate::{Event, ToolCallDelta, openai::sources::Sources, replay};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or a refusal.
    Message,
    /// Reasoning.
    Reasoning,
    /// A call of one of our tools.
    Call,
    /// A tool that the provider runs.
    Hosted,
    /// Anything else.
    Unknown,
}

impl Kind {
    /// By an item's type.
    fn of(kind: &str) -> Self {
        match kind {
            "message" => Self::Message,
            "reasoning" => Self::Reasoning,
            "function_call" | "custom_tool_call" => Self::Call,
            "web_search_call"
            | "file_search_call"
            | "code_interpreter_call"
            | "image_generation_call"
            | "mcp_call" => Self::Hosted,
            _ => Self::Unknown,
        }
    }
}

/// An item, as far as it has arrived.
#[derive(Debug)]
pub(super) struct Item {
    kind: Kind,
    /// Position among the reply's calls.
    call: Option<u32>,
    /// What has been emitted of each part of its text.
    emitted: BTreeMap<u64, String>,
    /// What has been emitted of its arguments.
    arguments: String,
    done: bool,
}

/// State that all items of a response share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Calls so far.
    pub(super) calls: u32,
    /// Calls of our tools among them.
    pub(super) open_calls: u32,
    pub(super) sources: Sources,
    pub(super) refused: bool,
    /// The latest event was text of another item.
    after_text: bool,
}

impl Item {
    /// Starts an item.
    pub(super) fn begin(item: &Value, shared: &mut Shared, out: &mut Vec<Event>) -> Self {
        let kind = Kind::of(string(item, "type"));
        let mut begun =
            Self { kind, call: None, emitted: BTreeMap::new(), arguments: String::new(), done: false };
        if matches!(kind, Kind::Call | Kind::Hosted) {
            let (id, name) = naming(item, kind);
            begun.call = Some(shared.calls);
            shared.calls += 1;
            shared.open_calls += u32::from(kind == Kind::Call);
            shared.after_text = false;
            let delta = ToolCallDelta { index: shared.calls - 1, id, name, arguments: String::new() };
            out.push(Event::ToolCall(delta));
        }
        begun
    }

    /// Whether the item's content has no neutral form.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Hosted | Kind::Unknown)
    }

    /// Takes more text of a message's part.
    pub(super) fn say(&mut self, part: u64, text: &str, shared: &mut Shared, out: &mut Vec<Event>) {
        if text.is_empty() || self.done {
            return;
        }
        if self.emitted.is_empty() && shared.after_text {
            // Two messages in a row are two paragraphs.
            out.push(Event::Text("\n\n".to_owned()));
        }
        self.emitted.entry(part).or_default().push_str(text);
        shared.after_text = true;
        out.push(Event::Text(text.to_owned()));
    }

    /// Takes the whole text of a part, some of which may have been emitted.
    pub(super) fn said(&mut self, part: u64, text: &str, shared: &mut Shared, out: &mut Vec<Event>) {
        if !self.emitted.contains_key(&part) {
            self.say(part, text, shared, out);
        }
    }

    /// Takes more reasoning.
    pub(super) fn think(&mut self, part: u64, text: &str, shared: &mut Shared, out: &mut Vec<Event>) {
        if text.is_empty() || self.done {
            return;
        }
        if !self.emitted.is_empty() && !self.emitted.contains_key(&part) {
            out.push(Event::Reasoning(reasoning::BETWEEN.to_owned()));
        }
        self.emitted.entry(part).or_default().push_str(text);
        shared.after_text = false;
        out.push(Event::Reasoning(text.to_owned()));
    }

    /// Takes the whole text of a part of the reasoning, some of which may have been emitted.
    pub(super) fn thought(&mut self, part: u64, text: &str, shared: &mut Shared, out: &mut Vec<Event>) {
        if !self.emitted.contains_key(&part) {
            self.think(part, text, shared, out);
        }
    }

    /// Takes more arguments of a call.
    pub(super) fn add_arguments(&mut self, more: &str, out: &mut Vec<Event>) {
        let Some(index) = self.call.filter(|_| !more.is_empty() && !self.done) else { return };
        self.arguments.push_str(more);
        let arguments = more.to_owned();
        out.push(Event::ToolCall(ToolCallDelta { index, arguments, ..ToolCallDelta::default() }));
    }

    /// Takes all arguments of a call, some of which may have been emitted.
    pub(super) fn set_arguments(&mut self, all: &str, out: &mut Vec<Event>) {
        let rest = all.strip_prefix(self.arguments.as_str()).unwrap_or_default().to_owned();
        self.add_arguments(&rest, out);
    }

    /// Takes the complete item and emits what has not arrived in pieces, and its provider block.
    pub(super) fn finish(&mut self, item: &Value, shared: &mut Shared, out: &mut Vec<Event>) {
        if self.done {
            return;
        }
        match self.kind {
            Kind::Message => self.finish_message(item, shared, out),
            Kind::Reasoning => self.finish_reasoning(item, shared, out),
            Kind::Call if string(item, "type") == "custom_tool_call" => {
                self.set_arguments(&json!({ "input": string(item, "input") }).to_string(), out);
            }
            Kind::Call => {
                let all = string(item, "arguments");
                self.set_arguments(if all.is_empty() && self.arguments.is_empty() { "{}" } else { all }, out);
            }
            Kind::Hosted => {
                self.set_arguments(&hosted_arguments(item), out);
                out.push(Event::ToolResult(hosted_result(item)));
                push_provider_block(json!({ "item": item }), out);
            }
            Kind::Unknown if string(item, "type").is_empty() => {}
            Kind::Unknown => {
                shared.after_text = false;
                push_provider_block(json!({ "item": item }), out);
            }
        }
        self.done = true;
    }

    fn finish_message(&mut self, item: &Value, shared: &mut Shared, out: &mut Vec<Event>) {
        let parts = item.get("content").and_then(Value::as_array).into_iter().flatten();
        for (part, number) in parts.zip(0u64..) {
            let refusal = string(part, "refusal");
            shared.refused |= !refusal.is_empty();
            self.said(number, if refusal.is_empty() { string(part, "text") } else { refusal }, shared, out);
            for annotation in part.get("annotations").and_then(Value::as_array).into_iter().flatten() {
                shared.sources.push_annotation(annotation, out);
            }
        }
        // The phase tells the model which of several messages was the answer.
        if let Some(phase) = item.get("phase").filter(|phase| phase.is_string()) {
            push_provider_block(json!({ "message": { "phase": phase } }), out);
        }
    }

    fn finish_reasoning(&mut self, item: &Value, shared: &mut Shared, out: &mut Vec<Event>) {
        let Some(item) = item.as_object() else { return };
        if self.emitted.is_empty() {
            self.think(0, &reasoning::words(item), shared, out);
        }
        let emitted: Vec<&str> = self.emitted.values().map(String::as_str).collect();
        if let Some(provider_block) = reasoning::provider_block(item, &emitted.join(reasoning::BETWEEN)) {
            push_provider_block(provider_block, out);
        }
    }
}

fn push_provider_block(provider_block: Value, out: &mut Vec<Event>) {
    out.push(Event::ProviderBlock(replay::marked(PROTOCOL, provider_block)));
}

fn string<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The id by which a call is answered, and its name.
fn naming(item: &Value, kind: Kind) -> (String, String) {
    let own = string(item, "id");
    let id = Some(string(item, "call_id")).filter(|id| !id.is_empty()).unwrap_or(own);
    let kind_name = string(item, "type").trim_end_matches("_call");
    let name = Some(string(item, "name")).filter(|name| !name.is_empty()).unwrap_or(kind_name);
    (if kind == Kind::Hosted { own } else { id }.to_owned(), name.to_owned())
}

/// The arguments of a hosted tool.
fn hosted_arguments(item: &Value) -> String {
    let given = string(item, "arguments");
    if !given.is_empty() {
        return given.to_owned();
    }
    let mut asked = Map::new();
    // For a search, show its query.
    let action = item.get("action").and_then(Value::as_object).into_iter().flatten();
    asked.extend(
        action
            .filter(|(name, _)| !matches!(name.as_str(), "type" | "sources"))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    for field in ["queries", "code", "revised_prompt"] {
        asked.extend(
            item.get(field).filter(|value| !value.is_null()).map(|value| (field.to_owned(), value.clone())),
        );
    }
    Value::Object(asked).to_string()
}

/// The result of a hosted tool, as far as the provider reports it.
fn hosted_result(item: &Value) -> ToolResult {
    let mut lines: Vec<&str> = vec![string(item, "output")];
    let entries = |field| item.get(field).and_then(Value::as_array).into_iter().flatten();
    lines.extend(entries("outputs").map(|output| string(output, "logs")));
    lines.extend(entries("results").map(|result| string(result, "text")));
    lines.retain(|line| !line.is_empty());
    let error = item.get("error").filter(|error| !error.is_null());
    let said =
        error.map(|error| error.as_str().map_or_else(|| string(error, "message").to_owned(), str::to_owned));
    ToolResult {
        id: string(item, "id").to_owned(),
        output: said.unwrap_or_else(|| lines.join("\n")),
        is_error: error.is_some() || string(item, "status") == "failed",
    }
}
