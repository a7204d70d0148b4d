//! Decodes the lines of a reply into neutral events, as a pure state machine.

use kaiwa_shared::message::Usage;
use serde_json::Value;

use super::chunk::{Call, Chunk};
use crate::{
    Error, ErrorKind, Event, Finish, ToolCallDelta,
    wire::{Decode, Ending, Framing, hints, lenient, refusal, think::ThinkSplitter},
};

/// Decodes one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Servers that do not know how a model thinks leave its reasoning in the text.
    think: ThinkSplitter,
    calls: u32,
    usage: Option<Usage>,
    begun: bool,
    /// Data outside the protocol has arrived.
    nonsense: bool,
    ending: Ending,
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Lines;

    fn push(&mut self, _name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if !data.starts_with('{') {
            self.nonsense |= !data.is_empty();
            return Ok(());
        }
        let chunk: Chunk = lenient::parse(data)?;
        if refusal::is_meant(&chunk.error) {
            let payload: Value = lenient::parse(data)?;
            return Err(refusal::reported(&payload, None).unwrap_or_else(refusal::unexplained));
        }
        if chunk.message.is_none() && !chunk.done {
            let payload: Value = lenient::parse(data)?;
            if let Some(error) = refusal::reported(&payload, None) {
                return Err(error);
            }
            let known = ["model", "created_at", "status"];
            if let Some(unknown) = hints::unknown_field(&payload, &known) {
                self.ending.hints.note_unknown(&unknown);
            }
        }
        self.begun |= chunk.message.is_some() || chunk.done;
        self.nonsense |= !self.begun;
        self.take(chunk, out);
        Ok(())
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        self.push("", body, out)
    }

    fn ending(&mut self) -> &mut Ending {
        &mut self.ending
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.think.finish(out);
        out.extend(self.usage.take().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let Some(reason) = self.ending.take() else {
            return Err(if self.nonsense && !self.begun {
                Error::new(ErrorKind::Protocol, "the answer is not a stream of chat messages")
            } else {
                Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
            });
        };
        out.push(Event::Finish(reason));
        Ok(())
    }
}

impl Decoder {
    /// A decoder for a reply of this model.
    pub(super) fn of_model(model: &str) -> Self {
        Self { think: ThinkSplitter::of_model(model), ..Self::default() }
    }

    fn take(&mut self, chunk: Chunk, out: &mut Vec<Event>) {
        self.usage = chunk.usage().or(self.usage);
        if let Some(message) = chunk.message {
            if !message.thinking.is_empty() {
                self.think.trust_provider();
                out.push(Event::Reasoning(message.thinking));
            }
            self.think.push(&message.content, out);
            for call in message.tool_calls {
                self.take_call(call, out);
            }
            let known = ["role", "content", "thinking", "tool_calls", "tool_name"];
            if let Some(unknown) = hints::unknown_field(&Value::Object(message.rest), &known) {
                self.ending.hints.note_unknown(&unknown);
            }
        }
        if chunk.done {
            self.ending.hints.reason.clone_from(&chunk.done_reason);
            self.ending.finish = Some(match chunk.done_reason.as_str() {
                // The protocol has no finish reason for tool calls.
                "stop" | "" if self.calls > 0 => Finish::ToolCalls,
                "stop" | "" => Finish::Stop,
                "length" => Finish::Length,
                _ => Finish::Other,
            });
        }
    }

    /// Every call is a new one; some servers give all of them the same index.
    fn take_call(&mut self, call: Call, out: &mut Vec<Event>) {
        let index = self.calls;
        self.calls += 1;
        let arguments = match call.function.arguments {
            Value::String(text) if !text.is_empty() => text,
            arguments @ Value::Object(_) => arguments.to_string(),
            _ => "{}".to_owned(),
        };
        let id = if call.id.is_empty() { format!("call_{index}") } else { call.id };
        out.push(Event::ToolCall(ToolCallDelta { index, id, name: call.function.name, arguments }));
    }
}

#[cfg(test)]
mod tests;
