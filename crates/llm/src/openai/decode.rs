//! From the data of server-sent events to neutral events. A pure state machine.

use serde::Deserialize;
use serde_json::Value;

use super::{
    chunk::{Choice, Chunk, ContentPart, Delta, WireUsage},
    tool_calls::ToolCalls,
};
use crate::{
    Error, ErrorKind, Event, FinishReason, Usage,
    wire::{Decode, Framing, Progress, lenient::parse, refusal, think::ThinkSplitter},
};

/// What the provider says when it has said everything.
const DONE: &str = "[DONE]";

/// Reads one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    think: ThinkSplitter,
    calls: ToolCalls,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    /// `[DONE]` has come, or the whole reply.
    done: bool,
    /// Something of the reply has come.
    begun: bool,
    /// Data has come that is not the protocol.
    nonsense: bool,
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, _name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(());
        }
        if data == DONE {
            self.done = true;
            return Ok(());
        }
        if !data.starts_with('{') && !data.starts_with("[{") {
            // Hosts and proxies send words like `ping`; no text of a reply is lost with them.
            self.nonsense = true;
            return Ok(());
        }
        let (chunk, payload) = read(data)?;
        if chunk.choices.is_empty()
            && let Some(error) = refusal::reported(&payload, None)
        {
            return Err(error);
        }
        if payload.get("error").is_some_and(refusal::is_meant) {
            return Err(refusal::reported(&payload, None).unwrap_or_else(refusal::unexplained));
        }
        self.take(chunk, out)
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let (chunk, payload) = read(body)?;
        if chunk.choices.is_empty() || payload.get("error").is_some_and(refusal::is_meant) {
            return Err(refusal::reported(&payload, None)
                .unwrap_or_else(|| Error::new(ErrorKind::Protocol, "the answer holds no reply")));
        }
        self.done = true;
        self.take(chunk, out)
    }

    fn progress(&self) -> Progress {
        match self.finish {
            _ if self.done => Progress::Done,
            Some(_) => Progress::Finished,
            None => Progress::Open,
        }
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.think.finish(out);
        out.extend(self.usage.take().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let reason = self.finish.take().or_else(|| self.done.then_some(FinishReason::Stop));
        let Some(reason) = reason else { return Err(self.missing_end()) };
        self.calls.finish(out);
        // Some hosts call it an ordinary end although the model waits for its tools.
        let waits = reason == FinishReason::Stop && !self.calls.is_empty();
        out.push(Event::Finish(if waits { FinishReason::ToolCalls } else { reason }));
        Ok(())
    }
}

impl Decoder {
    fn missing_end(&self) -> Error {
        if self.nonsense && !self.begun {
            Error::new(ErrorKind::Protocol, "the answer is not a stream of chat completions")
        } else {
            Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
        }
    }

    fn take(&mut self, chunk: Chunk, out: &mut Vec<Event>) -> Result<(), Error> {
        self.take_usage(chunk.usage.or_else(|| chunk.x_groq?.usage));
        match chunk.choices.into_iter().find(|choice| choice.index == 0) {
            Some(choice) => self.take_choice(choice, out),
            None => Ok(()),
        }
    }

    /// The last one counts, and some hosts repeat it in every chunk, so it goes out once, at the end.
    fn take_usage(&mut self, usage: Option<WireUsage>) {
        if let Some(usage) = usage {
            self.usage = Some(usage.neutral());
        }
    }

    fn take_choice(&mut self, choice: Choice, out: &mut Vec<Event>) -> Result<(), Error> {
        self.take_usage(choice.usage);
        let whole = choice.message.filter(|_| !self.begun);
        if let Some(delta) = choice.delta.or(whole) {
            let before = out.len();
            self.take_delta(delta, out);
            self.begun |= out.len() > before;
        }
        match choice.finish_reason.as_str() {
            "" | "null" => {}
            "error" => {
                return Err(refusal::reported(&choice.error, None).unwrap_or_else(refusal::unexplained));
            }
            reason => {
                self.begun = true;
                self.finish = Some(finish_reason(reason));
            }
        }
        Ok(())
    }

    fn take_delta(&mut self, delta: Delta, out: &mut Vec<Event>) {
        self.take_reasoning(delta.reasoning_text(), out);
        match &delta.content {
            Value::String(text) => self.think.push(text, out),
            Value::Array(parts) => {
                for part in parts.iter().filter_map(|part| ContentPart::deserialize(part).ok()) {
                    self.take_reasoning(part.thinking_text(), out);
                    self.think.push(&part.text, out);
                }
            }
            _ => {}
        }
        // A refusal is what the model has to say to the person.
        self.think.push(&delta.refusal, out);
        for piece in &delta.tool_calls {
            self.calls.push(piece, out);
        }
        if let Some(function) = delta.function_call {
            self.calls.push_legacy(function, out);
        }
    }

    fn take_reasoning(&mut self, text: String, out: &mut Vec<Event>) {
        if !text.is_empty() {
            self.think.trust_provider();
            out.push(Event::Reasoning(text));
        }
    }
}

fn read(data: &str) -> Result<(Chunk, Value), Error> {
    let payload: Value = parse(data)?;
    // A chunk reads anything but a value that is no object, and that has no choices either.
    Ok((Chunk::deserialize(&payload).unwrap_or_default(), payload))
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "stop" | "end_turn" | "stop_sequence" | "eos" | "eos_token" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "content_filter" | "safety" | "sensitive" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}
