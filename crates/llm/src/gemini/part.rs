//! One part of an answer's content.

use kaiwa_shared::message::ToolResult;
use serde_json::{Map, Value, json};

use super::marked;
use crate::{Event, ToolCallDelta};

/// The tool name for code execution.
const CODE_EXECUTION: &str = "code_execution";

/// The calls of one answer so far.
#[derive(Debug, Default)]
pub(super) struct Calls {
    count: u32,
    /// The prefix of generated ids.
    prefix: String,
    /// The id of code that runs at the provider, until its result arrives.
    running: Option<String>,
    /// The model waits for a tool that runs here.
    pub(super) waits: bool,
}

/// The kind of a part that has no neutral form, such as `image/png` or `fileData`.
pub(super) fn unknown_kind(part: &Map<String, Value>) -> Option<String> {
    const KNOWN: [&str; 7] = [
        "text",
        "thought",
        "thoughtSignature",
        "functionCall",
        "executableCode",
        "codeExecutionResult",
        "videoMetadata",
    ];
    let (name, content) = part.iter().find(|(name, _)| !KNOWN.contains(&name.as_str()))?;
    Some(content.get("mimeType").and_then(Value::as_str).unwrap_or(name).to_owned())
}

/// The prefix of our own ids. They must differ between turns and are never sent back.
pub(super) const OWN_ID: &str = "gemini-call-";

impl Calls {
    /// Uses the provider's id of the answer for the ids of its calls.
    pub(super) fn answer_id(&mut self, id: &str) {
        if self.prefix.is_empty() {
            id.clone_into(&mut self.prefix);
        }
    }

    /// Takes a part.
    pub(super) fn take(&mut self, mut part: Map<String, Value>, out: &mut Vec<Event>) {
        let signature = part.remove("thoughtSignature").filter(Value::is_string);
        if let Some(Value::Object(mut call)) = part.remove("functionCall") {
            // Older versions of the protocol put the signature into the call.
            let signature = signature.or_else(|| call.remove("thoughtSignature").filter(Value::is_string));
            self.waits = true;
            let (id, name) = (string(&call, "id"), string(&call, "name"));
            let arguments = call.get("args").filter(|args| args.is_object()).map(Value::to_string);
            self.call(id, name, arguments.unwrap_or_else(|| "{}".to_owned()), out);
            sign(signature, Map::new(), out);
        } else if let Some(Value::Object(code)) = part.get("executableCode") {
            let id = string(code, "id");
            let id = self.call(id, CODE_EXECUTION.to_owned(), code_arguments(code), out);
            self.running = Some(id);
            // The code is in the call's arguments; the block only records that it was code.
            let mut piece = rest_of(code, &["language", "code"]);
            piece = Map::from_iter([("executableCode".to_owned(), Value::Object(piece))]);
            piece.extend(signature.map(|signature| ("thoughtSignature".to_owned(), signature)));
            out.push(Event::ProviderBlock(marked(piece)));
        } else if let Some(Value::Object(result)) = part.get("codeExecutionResult") {
            out.push(Event::ToolResult(self.result(result)));
            whole(part, signature, out);
        } else if let Some(Value::String(text)) = part.remove("text") {
            let is_thought = part.get("thought").and_then(Value::as_bool).unwrap_or_default();
            let mut piece = Map::from_iter([("bytes".to_owned(), json!(text.len()))]);
            if is_thought {
                piece.insert("thought".to_owned(), json!(true));
            }
            if !text.is_empty() {
                out.push(if is_thought { Event::Reasoning(text) } else { Event::Text(text) });
            }
            sign(signature, piece, out);
        } else if part.keys().any(|field| field != "thought") || signature.is_some() {
            whole(part, signature, out);
        }
    }

    fn call(&mut self, id: String, name: String, arguments: String, out: &mut Vec<Event>) -> String {
        let index = self.count;
        self.count += 1;
        let id = if id.is_empty() { format!("{OWN_ID}{}-{index}", self.prefix) } else { id };
        out.push(Event::ToolCall(ToolCallDelta { index, id: id.clone(), name, arguments }));
        id
    }

    fn result(&mut self, result: &Map<String, Value>) -> ToolResult {
        let (id, outcome) = (string(result, "id"), string(result, "outcome"));
        let running = self.running.take();
        ToolResult {
            id: if id.is_empty() { running.unwrap_or_default() } else { id },
            output: string(result, "output"),
            is_error: !matches!(outcome.as_str(), "OUTCOME_OK" | ""),
        }
    }
}

/// Emits a signature for the content before it. `piece` contains what else that content lacks.
fn sign(signature: Option<Value>, mut piece: Map<String, Value>, out: &mut Vec<Event>) {
    if let Some(signature) = signature {
        piece.insert("thoughtSignature".to_owned(), signature);
        out.push(Event::ProviderBlock(marked(piece)));
    }
}

/// Emits a part whose neutral form is incomplete or missing.
fn whole(mut part: Map<String, Value>, signature: Option<Value>, out: &mut Vec<Event>) {
    part.extend(signature.map(|signature| ("thoughtSignature".to_owned(), signature)));
    out.push(Event::ProviderBlock(marked(Map::from_iter([("part".to_owned(), Value::Object(part))]))));
}

/// Code as a call's arguments.
fn code_arguments(code: &Map<String, Value>) -> String {
    let (language, code) = (string(code, "language"), string(code, "code"));
    json!({ "language": language, "code": code }).to_string()
}

fn rest_of(fields: &Map<String, Value>, but: &[&str]) -> Map<String, Value> {
    let rest = fields.iter().filter(|(field, _)| !but.contains(&field.as_str()));
    rest.map(|(field, value)| (field.clone(), value.clone())).collect()
}

fn string(fields: &Map<String, Value>, field: &str) -> String {
    fields.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}
