//! Decodes the chunks of an answer into neutral events, as a pure state machine.

use serde_json::Value;

use super::{
    chunk::{Candidate, Chunk, WireUsage},
    part::{self, Calls},
    sources::Sources,
};
use crate::{
    Error, ErrorKind, Event, Finish,
    wire::{Decode, Ending, Framing, hints, lenient, refusal},
};

/// Decodes one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    calls: Calls,
    sources: Sources,
    usage: Option<WireUsage>,
    begun: bool,
    /// Data outside the protocol has arrived.
    nonsense: bool,
    ending: Ending,
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, _name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if !data.starts_with('{') && !data.starts_with("[{") {
            // Proxies send words between the chunks, which are not part of the answer.
            self.nonsense |= !data.is_empty();
            return Ok(());
        }
        self.take_json(data, out).map(|_| ())
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let known = self.take_json(body, out)?;
        self.ending.is_closed = true;
        if known { Ok(()) } else { Err(Error::new(ErrorKind::Protocol, "the answer holds no reply")) }
    }

    fn ending(&mut self) -> &mut Ending {
        &mut self.ending
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.sources.flush(out);
        out.extend(self.usage.take().and_then(WireUsage::neutral).map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let Some(reason) = self.ending.take() else {
            return Err(if self.nonsense && !self.begun {
                Error::new(ErrorKind::Protocol, "the answer is not a stream of generated content")
            } else {
                Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
            });
        };
        // The protocol has no finish reason for tool calls.
        let waits = reason == Finish::Stop && self.calls.waits;
        out.push(Event::Finish(if waits { Finish::ToolCalls } else { reason }));
        Ok(())
    }
}

impl Decoder {
    /// Takes a chunk, or an array of chunks from hosts that ignore `alt=sse`. Returns whether it contained anything
    /// known.
    fn take_json(&mut self, data: &str, out: &mut Vec<Event>) -> Result<bool, Error> {
        if data.starts_with('[') {
            let chunks: Vec<Value> = lenient::parse(data)?;
            let mut known = false;
            for chunk in chunks {
                known |= self.take_json(&chunk.to_string(), out)?;
            }
            return Ok(known);
        }
        let chunk: Chunk = lenient::parse(data)?;
        if refusal::is_meant(&chunk.error) {
            let payload: Value = lenient::parse(data)?;
            return Err(refusal::reported(&payload, None).unwrap_or_else(refusal::unexplained));
        }
        let known = self.take(chunk, out)?;
        if !known {
            let payload: Value = lenient::parse(data)?;
            if let Some(error) = refusal::reported(&payload, None) {
                return Err(error);
            }
            if let Some(unknown) = hints::unknown_field(&payload, &["candidates", "modelVersion"]) {
                self.ending.hints.note_unknown(&unknown);
            }
        }
        Ok(known)
    }

    fn take(&mut self, chunk: Chunk, out: &mut Vec<Event>) -> Result<bool, Error> {
        self.calls.answer_id(&chunk.response_id);
        let costs = chunk.usage_metadata.neutral().is_some();
        if costs {
            self.usage = Some(chunk.usage_metadata);
        }
        // One answer was asked for, so one candidate is the answer, whatever its index.
        let mut candidates = chunk.candidates;
        let first = candidates.iter().position(|candidate| candidate.index == 0).unwrap_or_default();
        let candidate = (first < candidates.len()).then(|| candidates.swap_remove(first));
        let known = costs || candidate.is_some() || !chunk.response_id.is_empty();
        self.begun |= known;
        match candidate {
            Some(candidate) => self.take_candidate(candidate, out),
            None if !chunk.prompt_feedback.block_reason.is_empty() => {
                let feedback = chunk.prompt_feedback;
                let why = match feedback.block_reason_message.as_str() {
                    "" => feedback.block_reason,
                    message => format!("{}: {message}", feedback.block_reason),
                };
                return Err(Error::new(ErrorKind::ContentFilter, format!("the prompt was blocked: {why}")));
            }
            None => {}
        }
        Ok(known)
    }

    fn take_candidate(&mut self, candidate: Candidate, out: &mut Vec<Event>) {
        self.sources.take(&candidate);
        for part in candidate.content.parts {
            if let Some(unknown) = part::unknown_kind(&part) {
                self.ending.hints.note_unknown(&unknown);
            }
            self.calls.take(part, out);
        }
        if !candidate.finish_reason.is_empty() {
            self.ending.hints.reason.clone_from(&candidate.finish_reason);
        }
        self.ending.finish = finish_reason(&candidate.finish_reason).or(self.ending.finish);
    }
}

fn finish_reason(reason: &str) -> Option<Finish> {
    Some(match reason {
        "" | "FINISH_REASON_UNSPECIFIED" => return None,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        _ => Finish::Other,
    })
}

#[cfg(test)]
mod tests;
