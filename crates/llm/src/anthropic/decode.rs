//! Decodes the events of a message into neutral events, as a pure state machine.

use serde_json::{Map, Value};

use super::{
    block::{Block, Calls, text},
    wire::{Frame, Message, WireUsage},
};
use crate::{
    Error, ErrorKind, Event, Finish,
    wire::{Decode, Ending, Framing, hints, lenient, refusal},
};

/// Decodes one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The open blocks by the host's index; there is rarely more than one.
    open: Vec<(u64, Block)>,
    calls: Calls,
    usage: WireUsage,
    /// The provider's explanation of a refusal.
    explanation: String,
    /// Readable text has arrived.
    said: bool,
    seen: Seen,
    ending: Ending,
}

/// What has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    /// Only data outside the protocol.
    Nonsense,
    /// Some of a message.
    Message,
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, _name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if !data.starts_with('{') {
            // Proxies send words between the events, which are not part of the message.
            if self.seen == Seen::Nothing && !data.is_empty() {
                self.seen = Seen::Nonsense;
            }
            return Ok(());
        }
        let frame: Frame = lenient::parse(data)?;
        let before = out.len();
        let taken = self.take(frame, data, out);
        self.said |= out.iter().skip(before).any(|event| matches!(event, Event::Text(_)));
        taken
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let payload: Value = lenient::parse(body)?;
        let message: Message = lenient::parse(body).unwrap_or_default();
        if message.kind != "message" && message.content.is_empty() {
            return Err(refusal::reported(&payload, None)
                .unwrap_or_else(|| Error::new(ErrorKind::Protocol, "the answer holds no message")));
        }
        self.ending.is_closed = true;
        self.usage.update(message.usage);
        for block in message.content {
            self.begin(block, out).end(out);
        }
        self.said = out.iter().any(|event| matches!(event, Event::Text(_)));
        self.take_end(&message.end);
        Ok(())
    }

    fn ending(&mut self) -> &mut Ending {
        &mut self.ending
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        if self.ending.has_come() {
            for (_, block) in self.open.drain(..) {
                block.end(out);
            }
        }
        out.extend(std::mem::take(&mut self.usage).neutral().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let Some(reason) = self.ending.take() else {
            return Err(if self.seen == Seen::Nonsense {
                Error::new(ErrorKind::Protocol, "the answer is not a stream of messages")
            } else {
                Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
            });
        };
        if reason == Finish::Refusal && !self.said && !self.explanation.is_empty() {
            out.push(Event::Text(std::mem::take(&mut self.explanation)));
        }
        // Compatible services report a normal end although the model waits for tool results.
        let waits = reason == Finish::Stop && self.calls.wait;
        out.push(Event::Finish(if waits { Finish::ToolCalls } else { reason }));
        Ok(())
    }
}

impl Decoder {
    fn take(&mut self, frame: Frame, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        if !frame.kind.is_empty() {
            self.seen = Seen::Message;
        }
        match frame.kind.as_str() {
            "message_start" => self.usage.update(frame.message.usage),
            "content_block_start" => {
                // If a host does not end a block, the start of the next block ends it.
                self.end_block(frame.index, out);
                let block = self.begin(frame.content_block, out);
                self.open.push((frame.index, block));
            }
            "content_block_delta" => {
                if let Some((_, block)) = self.open.iter_mut().find(|(index, _)| *index == frame.index) {
                    block.extend(frame.delta, out);
                }
            }
            "content_block_stop" => self.end_block(frame.index, out),
            "message_delta" => {
                self.usage.update(frame.usage);
                self.take_end(&frame.delta);
            }
            "message_stop" => self.ending.is_closed = true,
            // A ping or an unknown event, unless it reports an error.
            kind if kind == "error" || refusal::is_meant(&frame.error) => {
                let payload: Value = lenient::parse(data)?;
                return Err(refusal::reported(&payload, None).unwrap_or_else(refusal::unexplained));
            }
            "" => {
                let payload: Value = lenient::parse(data)?;
                if let Some(error) = refusal::reported(&payload, None) {
                    return Err(error);
                }
                self.note_unknown(hints::unknown_field(&payload, &[]));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, block: Map<String, Value>, out: &mut Vec<Event>) -> Block {
        let kind = text(&block, "type").to_owned();
        let block = Block::begin(block, &mut self.calls, out);
        if block.is_unknown() {
            self.ending.hints.note_unknown(&kind);
        }
        block
    }

    fn note_unknown(&mut self, name: Option<String>) {
        if let Some(name) = name {
            self.ending.hints.note_unknown(&name);
        }
    }

    fn end_block(&mut self, index: u64, out: &mut Vec<Event>) {
        if let Some(at) = self.open.iter().position(|(open, _)| *open == index) {
            self.open.remove(at).1.end(out);
        }
    }

    /// Takes the stop reason, if there is one.
    fn take_end(&mut self, end: &Map<String, Value>) {
        text(end, "stop_reason").clone_into(&mut self.ending.hints.reason);
        self.ending.finish = match text(end, "stop_reason") {
            "" => return,
            "end_turn" | "stop_sequence" => Some(Finish::Stop),
            "max_tokens" | "model_context_window_exceeded" => Some(Finish::Length),
            "tool_use" => Some(Finish::ToolCalls),
            "refusal" => Some(Finish::Refusal),
            _ => Some(Finish::Other),
        };
        if let Some(Value::Object(details)) = end.get("stop_details") {
            text(details, "explanation").clone_into(&mut self.explanation);
        }
    }
}

#[cfg(test)]
mod tests;
