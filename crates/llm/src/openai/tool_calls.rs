//! Assembles tool calls from the pieces that hosts send.

use kaiwa_shared::message::ToolResult;
use serde_json::{Value, json};

use super::{
    PROTOCOL,
    chunk::{CallPiece, FunctionPiece},
};
use crate::{Event, ToolCallDelta, replay};

#[derive(Debug, Default)]
struct Call {
    /// The host's index of the call.
    host_index: Option<i64>,
    id: String,
    name: String,
    arguments: String,
    /// The arguments arrived as an object and are complete.
    whole: bool,
    /// The host ran the tool itself and has sent the result.
    answered: bool,
    /// The provider block of the call has been emitted.
    has_extra: bool,
}

/// The calls of one reply so far.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
}

impl ToolCalls {
    /// A call waits for our result.
    pub(super) fn are_open(&self) -> bool {
        self.calls.iter().any(|call| !call.answered)
    }

    /// There are calls, and the host has run all of them itself.
    pub(super) fn are_answered(&self) -> bool {
        !self.calls.is_empty() && !self.are_open()
    }

    /// Takes a piece and emits what is new in it.
    pub(super) fn push(&mut self, piece: &CallPiece, out: &mut Vec<Event>) {
        let (at, is_new) = self.place(piece);
        let Some(call) = self.calls.get_mut(at) else { return };
        let delta = ToolCallDelta {
            index: u32::try_from(at).unwrap_or(u32::MAX),
            id: news(&mut call.id, &piece.id),
            name: news(&mut call.name, &piece.function.name),
            arguments: call.add_arguments(&piece.function.arguments),
        };
        if is_new || delta != (ToolCallDelta { index: delta.index, ..ToolCallDelta::default() }) {
            out.push(Event::ToolCall(delta));
        }
        if piece.extra_content.is_object() && !std::mem::replace(&mut call.has_extra, true) {
            let provider_block = json!({ "extra_content": piece.extra_content });
            out.push(Event::ProviderBlock(replay::marked(PROTOCOL, provider_block)));
        }
    }

    /// Takes the result of a tool that the host ran. A result without an id belongs to the latest call without a
    /// result; a result without a call is dropped.
    pub(super) fn answer(&mut self, result: ToolResult, out: &mut Vec<Event>) -> Option<ToolResult> {
        let is_meant = |call: &Call| if result.id.is_empty() { !call.answered } else { call.id == result.id };
        let at = self.calls.iter().rposition(is_meant)?;
        let call = self.calls.get_mut(at)?;
        call.answered = true;
        call.complete(u32::try_from(at).unwrap_or(u32::MAX), out);
        Some(ToolResult { id: call.id.clone(), ..result })
    }

    /// Takes the `function_call` of the first API version; a reply has at most one.
    pub(super) fn push_legacy(&mut self, function: FunctionPiece, out: &mut Vec<Event>) {
        self.push(&CallPiece { index: Some(0), function, ..CallPiece::default() }, out);
    }

    /// No more pieces come.
    pub(super) fn finish(&mut self, out: &mut Vec<Event>) {
        for (call, index) in self.calls.iter_mut().zip(0u32..) {
            call.complete(index, out);
        }
    }

    /// The call that a piece belongs to (by the host's index, else by id, else the last), and whether it is new.
    fn place(&mut self, piece: &CallPiece) -> (usize, bool) {
        let found = if let Some(index) = piece.index {
            // Some hosts give every call the index 0 and distinguish them by id, so the latest with the index counts.
            self.calls
                .iter()
                .rposition(|call| call.host_index == Some(index))
                .filter(|&at| !self.is_other(at, &piece.id))
        } else if piece.id.is_empty() {
            self.calls.len().checked_sub(1).filter(|&at| !self.begins_another(at, &piece.function))
        } else {
            self.calls.iter().rposition(|call| call.id == piece.id)
        };
        if let Some(at) = found {
            return (at, false);
        }
        self.calls.push(Call { host_index: piece.index, ..Call::default() });
        (self.calls.len() - 1, true)
    }

    fn is_other(&self, at: usize, id: &str) -> bool {
        self.calls.get(at).is_some_and(|call| !id.is_empty() && !call.id.is_empty() && call.id != id)
    }

    /// A piece without index and id starts a new call if its name cannot belong to the last call.
    fn begins_another(&self, at: usize, function: &FunctionPiece) -> bool {
        self.calls.get(at).is_some_and(|call| {
            !function.name.is_empty() && !call.name.is_empty() && (call.whole || call.name != function.name)
        })
    }
}

impl Call {
    /// Adds an id where it is missing, because the result must name its call, and empty arguments where there are
    /// none.
    fn complete(&mut self, index: u32, out: &mut Vec<Event>) {
        let mut delta = ToolCallDelta { index, ..ToolCallDelta::default() };
        if self.id.is_empty() {
            self.id = format!("call_{index}");
            delta.id.clone_from(&self.id);
        }
        if self.arguments.is_empty() {
            delta.arguments = self.add_arguments(&json!("{}"));
        }
        if !delta.id.is_empty() || !delta.arguments.is_empty() {
            out.push(Event::ToolCall(delta));
        }
    }

    /// Appends more arguments and returns what is new in them.
    fn add_arguments(&mut self, more: &Value) -> String {
        let more = match more {
            Value::String(text) => text.clone(),
            Value::Object(_) if self.whole => return String::new(),
            Value::Object(_) => {
                self.whole = true;
                more.to_string()
            }
            _ => return String::new(),
        };
        // Some hosts repeat all arguments so far, and others repeat the call in the last chunk. A JSON object never
        // continues with its own beginning.
        let repeats = self.arguments.starts_with('{') && more.starts_with(&self.arguments);
        let new = if repeats { more.get(self.arguments.len()..).unwrap_or_default() } else { &more };
        self.arguments.push_str(new);
        new.to_owned()
    }
}

/// Stores a new value and returns it; returns an empty string if it was known.
fn news(known: &mut String, value: &str) -> String {
    if value.is_empty() || known == value {
        return String::new();
    }
    value.clone_into(known);
    value.to_owned()
}
