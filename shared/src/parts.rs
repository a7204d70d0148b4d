//! The parts of a message that grows.

use std::ops::Deref;

use crate::{
    message::Part,
    stream::{StreamEvent, ToolCallDelta},
};

/// The parts of a message that grows.
///
/// Server and client both build a message with this type, so that a stream and a stored message cannot differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    all: Vec<Part>,
    /// The positions of the tool calls, so that a piece of one is appended without a search.
    calls: Vec<usize>,
}

impl From<Vec<Part>> for Parts {
    fn from(all: Vec<Part>) -> Self {
        let calls = all.iter().enumerate().filter(|(_, part)| matches!(part, Part::ToolCall { .. }));
        let calls = calls.map(|(at, _)| at).collect();
        Self { all, calls }
    }
}

impl From<Parts> for Vec<Part> {
    fn from(parts: Parts) -> Self {
        parts.all
    }
}

impl Deref for Parts {
    type Target = [Part];

    fn deref(&self) -> &[Part] {
        &self.all
    }
}

impl Parts {
    /// The number of tool calls.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Applies an event of the message's stream.
    pub fn apply(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::Snapshot(snapshot) => *self = snapshot.parts.clone().into(),
            StreamEvent::Delta(delta) => match self.all.last_mut() {
                Some(Part::Text { text }) => text.push_str(&delta.text),
                _ => self.all.push(Part::Text { text: delta.text.clone() }),
            },
            StreamEvent::Reasoning(delta) => match self.all.last_mut() {
                Some(Part::Reasoning { text, .. }) => text.push_str(&delta.text),
                _ => self.all.push(Part::Reasoning { text: delta.text.clone(), duration_ms: None }),
            },
            StreamEvent::ToolCall(delta) => self.apply_tool_call(delta),
            StreamEvent::ToolResult(result) => self.all.push(Part::ToolResult(result.clone())),
            StreamEvent::Citation(citation) => self.all.push(Part::Citation(citation.clone())),
            StreamEvent::Error(error) => self.all.push(Part::Error { problem: error.problem.clone() }),
            StreamEvent::Created(_)
            | StreamEvent::Context(_)
            | StreamEvent::Retrying(_)
            | StreamEvent::Usage(_)
            | StreamEvent::Title(_)
            | StreamEvent::End(_) => {}
        }
    }

    /// Sets the duration of the last reasoning, in milliseconds.
    pub fn set_reasoning_duration(&mut self, milliseconds: u64) {
        let last = self.all.iter_mut().rev().find(|part| matches!(part, Part::Reasoning { .. }));
        if let Some(Part::Reasoning { duration_ms, .. }) = last {
            *duration_ms = Some(milliseconds);
        }
    }

    fn apply_tool_call(&mut self, delta: &ToolCallDelta) {
        let nth = usize::try_from(delta.index).unwrap_or(usize::MAX);
        let call = self.calls.get(nth).and_then(|at| self.all.get_mut(*at));
        if let Some(Part::ToolCall { id, name, arguments }) = call {
            if !delta.id.is_empty() {
                id.clone_from(&delta.id);
            }
            if !delta.name.is_empty() {
                name.clone_from(&delta.name);
            }
            arguments.push_str(&delta.arguments);
        } else {
            self.calls.push(self.all.len());
            let ToolCallDelta { id, name, arguments, .. } = delta.clone();
            self.all.push(Part::ToolCall { id, name, arguments });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        MessageId,
        stream::{Snapshot, TextDelta},
    };

    fn call(index: u32, id: &str, name: &str, arguments: &str) -> StreamEvent {
        let (id, name, arguments) = (id.into(), name.into(), arguments.into());
        StreamEvent::ToolCall(ToolCallDelta { index, id, name, arguments })
    }

    fn whole_call(id: &str, name: &str, arguments: &str) -> Part {
        Part::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }
    }

    fn text(text: &str) -> TextDelta {
        TextDelta { text: text.into() }
    }

    #[test]
    fn text_reasoning_and_calls_gather_in_order() {
        let mut parts = Parts::default();
        for event in [
            StreamEvent::Reasoning(text("Hm")),
            StreamEvent::Reasoning(text("m")),
            StreamEvent::Delta(text("Hel")),
            StreamEvent::Delta(text("lo")),
            call(0, "c1", "f", ""),
            call(1, "c2", "g", "{"),
            call(0, "", "", "{}"),
        ] {
            parts.apply(&event);
        }
        let expected = [
            Part::Reasoning { text: "Hmm".into(), duration_ms: None },
            Part::Text { text: "Hello".into() },
            whole_call("c1", "f", "{}"),
            whole_call("c2", "g", "{"),
        ];
        assert_eq!(*parts, expected);
        assert_eq!(parts.calls(), 2);
    }

    #[test]
    fn pieces_find_their_calls_after_the_parts_were_replaced() {
        let replaced =
            vec![Part::Text { text: "a".into() }, whole_call("c1", "f", ""), whole_call("c2", "g", "")];
        let expected = |one: &str, two: &str| [whole_call("c1", "f", one), whole_call("c2", "g", two)];
        let mut stored = Parts::from(replaced.clone());
        let mut shown = Parts::default();
        shown.apply(&call(0, "old", "old", ""));
        shown.apply(&StreamEvent::Snapshot(Snapshot { message_id: MessageId::new(), parts: replaced }));
        for parts in [&mut stored, &mut shown] {
            for event in [call(1, "", "", "2"), StreamEvent::Delta(text("b")), call(0, "", "", "1")] {
                parts.apply(&event);
            }
            assert_eq!(parts[1..3], expected("1", "2"));
            parts.apply(&call(7, "c3", "h", ""));
            assert_eq!((parts.len(), parts.calls()), (5, 3), "an unknown index is a new call");
        }
    }
}
