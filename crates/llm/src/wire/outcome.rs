//! What a reply consisted of, and why it has no text if it has none.

use super::Hints;
use crate::{Event, Finish, NoText};

/// What a reply has consisted of so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    has_begun: bool,
    has_text: bool,
    has_calls: bool,
}

impl Outcome {
    /// Takes note of an event.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::Usage(_) | Event::NoText(_) | Event::Finish(_) => return,
            Event::Text(text) => self.has_text |= !text.trim().is_empty(),
            Event::TextWasReasoning => self.has_text = false,
            Event::ToolCall(_) => self.has_calls = true,
            Event::Reasoning(_) | Event::ToolResult(_) | Event::Citation(_) | Event::ProviderBlock(_) => {}
        }
        self.has_begun = true;
    }

    /// Whether part of the reply has arrived.
    pub(crate) fn has_begun(self) -> bool {
        self.has_begun
    }

    /// Whether text or a call has arrived.
    pub(crate) fn has_answer(self) -> bool {
        self.has_text || self.has_calls
    }

    /// Why a reply that ended for this reason has no text; `None` if it has some, or only calls tools.
    pub(crate) fn no_text(self, finish: Finish, hints: &Hints) -> Option<NoText> {
        let calls = finish == Finish::ToolCalls;
        if self.has_text || (calls && self.has_calls) {
            return None;
        }
        let reason = hints.reason.to_lowercase();
        Some(if calls || reason.contains("malformed") || reason.contains("unexpected_tool_call") {
            NoText::MalformedCall
        } else if finish == Finish::Length {
            NoText::Limit
        } else if hints.unknown.is_empty() {
            NoText::Unexplained(hints.reason.chars().take(60).collect())
        } else {
            NoText::UnknownContent(hints.unknown.clone())
        })
    }
}
