//! Decodes server-sent events into neutral events, as a pure state machine.

use kaiwa_shared::message::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    PROTOCOL,
    chunk::{Choice, Chunk, ContentPart, Delta},
    details::Details,
    fastgpt::{self, AppTool, Nodes, ToolEvent},
    quick::{self, Piece},
    sources::Sources,
    tool_calls::ToolCalls,
    usage::WireUsage,
};
use crate::{
    Error, ErrorKind, Event, Finish, replay,
    wire::{Decode, Ending, Framing, hints, lenient::parse, refusal, think::ThinkSplitter},
};

/// The data of the last event.
const DONE: &str = "[DONE]";

/// Fields of a chunk, a choice and a delta that are known, or never hold content.
const CHUNK_FIELDS: [&str; 12] = [
    "id",
    "object",
    "model",
    "choices",
    "system_fingerprint",
    "service_tier",
    "usage",
    "prompt_filter_results",
    "provider",
    "x_groq",
    "citations",
    "search_results",
];
const CHOICE_FIELDS: [&str; 7] = [
    "delta",
    "message",
    "finish_reason",
    "native_finish_reason",
    "logprobs",
    "content_filter_results",
    "stop_reason",
];
const DELTA_FIELDS: [&str; 4] = ["role", "name", "reasoning_details", "tool_calls"];

/// Decodes one reply, streamed or whole.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about what has come")]
pub(super) struct Decoder {
    think: ThinkSplitter,
    details: Details,
    calls: ToolCalls,
    sources: Sources,
    usage: Option<Usage>,
    /// The model declined.
    refused: bool,
    /// A `[DONE]` that is not the last frame has arrived.
    more_follows: bool,
    /// Part of the reply has arrived.
    begun: bool,
    /// Data outside the protocol has arrived.
    nonsense: bool,
    ending: Ending,
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if is_chunk(name)
            && let Some(piece) = quick::read(data)
        {
            self.take_piece(piece, out);
            return Ok(());
        }
        self.push_any(name, data, out)
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let chunk = read(body)?;
        if chunk.choices.is_empty() {
            return Err(refusal::reported(&parse(body)?, None)
                .unwrap_or_else(|| Error::new(ErrorKind::Protocol, "the answer holds no reply")));
        }
        self.ending.is_closed = true;
        self.take(chunk, body, out)
    }

    fn ending(&mut self) -> &mut Ending {
        &mut self.ending
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.details.close(out);
        self.think.finish(out);
        self.sources.finish(out);
        out.extend(self.usage.take().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let reason = self.ending.take().or_else(|| self.more_follows.then_some(Finish::Stop));
        let Some(reason) = reason else { return Err(self.missing_end()) };
        self.calls.finish(out);
        out.push(Event::Finish(match reason {
            Finish::Stop if self.refused => Finish::Refusal,
            // Some hosts report a normal end although the model waits for tool results.
            Finish::Stop if self.calls.are_open() => Finish::ToolCalls,
            Finish::ToolCalls if self.calls.are_answered() => Finish::Stop,
            reason => reason,
        }));
        Ok(())
    }
}

impl Decoder {
    /// A decoder for a reply of this model.
    pub(super) fn of_model(model: &str) -> Self {
        Self { think: ThinkSplitter::of_model(model), ..Self::default() }
    }

    /// Takes the data of any event.
    pub(super) fn push_any(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        if data.is_empty() {
            return Ok(());
        }
        if data == DONE {
            // A FastGPT app reports its nodes' results after this.
            self.more_follows = matches!(name, "answer" | "fastAnswer");
            self.ending.is_closed = !self.more_follows;
            return Ok(());
        }
        if !data.starts_with(['{', '[']) {
            // Hosts and proxies send words like `ping`, which are not part of a reply.
            self.nonsense = true;
            return Ok(());
        }
        match name {
            "toolCall" | "toolParams" => {
                self.take_app_tool(parse::<ToolEvent>(data)?.into_tool(), false, out);
            }
            "toolResponse" => self.take_app_tool(parse::<ToolEvent>(data)?.into_tool(), true, out),
            "interactive" => self.think.push(&fastgpt::question(&parse(data)?), out),
            "flowResponses" | "flowNodeResponse" => self.take_nodes(&parse(data)?),
            "flowNodeStatus" | "workflowDuration" | "updateVariables" => {}
            name => {
                let chunk: Chunk = read(data)?;
                let is_plain = chunk.choices.is_empty() && is_chunk(name);
                if is_plain && let Some(error) = refusal::reported(&parse(data)?, None) {
                    return Err(error);
                }
                return self.take(chunk, data, out);
            }
        }
        Ok(())
    }

    fn take_piece(&mut self, piece: Piece<'_>, out: &mut Vec<Event>) {
        let before = out.len();
        match piece {
            Piece::Text(text) => self.take_text(&text, out),
            Piece::Reasoning(text) => self.take_reasoning(&text, out),
        }
        self.begun |= out.len() > before;
    }

    fn missing_end(&self) -> Error {
        if self.nonsense && !self.begun {
            Error::new(ErrorKind::Protocol, "the answer is not a stream of chat completions")
        } else {
            Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
        }
    }

    /// `data` is the chunk's JSON, for errors outside the usual fields.
    fn take(&mut self, chunk: Chunk, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let (before, begun) = (out.len(), self.begun);
        let choices = chunk.choices.len();
        let taken = self.take_chunk(chunk, data, out);
        if out.len() == before
            && !begun
            && let Ok(payload) = parse(data)
        {
            self.note_unknown(&payload, choices);
        }
        taken
    }

    /// Notes content in a place that is not known.
    fn note_unknown(&mut self, payload: &Value, choices: usize) {
        let unknown = if choices == 0 {
            hints::unknown_field(payload, &CHUNK_FIELDS)
        } else {
            let choice = payload.pointer("/choices/0").unwrap_or(payload);
            let delta = choice.get("delta").or_else(|| choice.get("message"));
            let in_delta = delta.and_then(|delta| hints::unknown_field(delta, &DELTA_FIELDS));
            in_delta.or_else(|| hints::unknown_field(choice, &CHOICE_FIELDS))
        };
        if let Some(unknown) = unknown {
            self.ending.hints.note_unknown(&unknown);
        }
    }

    fn take_chunk(&mut self, chunk: Chunk, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let groq = chunk.x_groq.unwrap_or_default();
        self.take_usage(chunk.usage.or(groq.usage));
        for list in [&chunk.search_results, &chunk.citations, &chunk.web_search] {
            self.sources.push_list(list);
        }
        if !chunk.response_data.is_null() {
            self.take_nodes(&chunk.response_data);
        }
        let failed = refusal::is_meant(&chunk.error) || refusal::is_meant(&groq.error);
        // One reply was asked for, so one choice is the reply, whatever its index.
        let mut choices = chunk.choices;
        let first = choices.iter().position(|choice| choice.index == 0).unwrap_or_default();
        let choice = (first < choices.len()).then(|| choices.swap_remove(first));
        match choice {
            Some(choice) if !failed => self.take_choice(choice, out),
            choice => {
                if let Some(delta) = choice.and_then(|choice| choice.delta) {
                    self.take_delta(delta, out);
                }
                if !failed {
                    return Ok(());
                }
                let reported = refusal::reported(&parse(data)?, None);
                Err(reported
                    .or_else(|| refusal::reported(&groq.error, None))
                    .unwrap_or_else(refusal::unexplained))
            }
        }
    }

    /// Some hosts repeat the usage in every chunk. The last one counts and is emitted once, at the end.
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
                self.ending.finish = Some(finish_reason(reason));
                reason.clone_into(&mut self.ending.hints.reason);
            }
        }
        Ok(())
    }

    fn take_delta(&mut self, delta: Delta, out: &mut Vec<Event>) {
        self.take_thoughts(&delta, out);
        if !delta.reasoning_details.is_empty() {
            self.think.trust_provider();
            self.details.push(delta.reasoning_details, out);
        }
        match &delta.content {
            Value::String(text) => self.take_text(text, out),
            Value::Array(parts) => {
                for part in parts {
                    self.take_value(part, out);
                }
            }
            Value::Object(_) => self.take_value(&delta.content, out),
            _ => {}
        }
        // A refusal is addressed to the user, so it is text.
        self.refused |= !delta.refusal.is_empty();
        self.take_text(&delta.refusal, out);
        self.take_text(&delta.audio.unwrap_or_default().transcript, out);
        for image in delta.images {
            self.ending.hints.note_unknown("image");
            out.push(Event::ProviderBlock(replay::marked(PROTOCOL, json!({ "image": image }))));
        }
        for annotation in &delta.annotations {
            self.sources.push_annotation(annotation, out);
        }
        if !delta.tool_calls.is_empty() || delta.function_call.is_some() {
            self.details.close(out);
        }
        for piece in &delta.tool_calls {
            self.calls.push(piece, out);
        }
        if let Some(function) = delta.function_call {
            self.calls.push_legacy(function, out);
        }
    }

    /// Takes the reasoning once: hosts that change their spelling send the same text in both fields.
    fn take_thoughts(&mut self, delta: &Delta, out: &mut Vec<Event>) {
        if Details::have_words(&delta.reasoning_details) {
            self.think.trust_provider();
        } else if delta.reasoning_content.is_empty() {
            self.take_reasoning(&delta.reasoning, out);
        } else {
            self.take_reasoning(&delta.reasoning_content, out);
        }
    }

    fn take_reasoning(&mut self, text: &str, out: &mut Vec<Event>) {
        if !text.is_empty() {
            self.think.trust_provider();
            out.push(Event::Reasoning(text.to_owned()));
        }
    }

    fn take_text(&mut self, text: &str, out: &mut Vec<Event>) {
        if !text.is_empty() {
            self.details.close(out);
            self.think.push(text, out);
        }
    }

    fn take_value(&mut self, part: &Value, out: &mut Vec<Event>) {
        let before = out.len();
        if let Ok(part) = ContentPart::deserialize(part) {
            self.take_part(part, out);
        }
        if out.len() == before
            && let Some(unknown) = hints::unknown_field(part, &["type", "text", "thinking", "reasoning"])
        {
            let kind = part.get("type").and_then(Value::as_str);
            self.ending.hints.note_unknown(kind.unwrap_or(&unknown));
        }
    }

    fn take_part(&mut self, part: ContentPart, out: &mut Vec<Event>) {
        self.take_reasoning(&part.thoughts(), out);
        self.take_text(&part.text(), out);
        self.take_text(&fastgpt::question(&part.interactive), out);
        for tool in part.tools {
            self.take_app_tool(tool.clone(), false, out);
            self.take_app_tool(tool, true, out);
        }
    }

    /// Takes a tool of a FastGPT app, which the app runs itself.
    fn take_app_tool(&mut self, tool: AppTool, answered: bool, out: &mut Vec<Event>) {
        self.think.finish(out);
        if answered {
            let result = self.calls.answer(tool.result(), out);
            out.extend(result.map(Event::ToolResult));
        } else {
            self.calls.push(&tool.call(), out);
        }
        self.begun = true;
    }

    fn take_nodes(&mut self, data: &Value) {
        let nodes = Nodes::read(data);
        self.usage = nodes.usage.or(self.usage);
        for quotes in &nodes.quotes {
            self.sources.push_list(quotes);
        }
    }
}

/// An event with this name holds a chunk of the reply.
fn is_chunk(name: &str) -> bool {
    matches!(name, "" | "message" | "answer" | "fastAnswer")
}

/// Parses the chunk in `data`; it is empty if `data` is not an object.
fn read(data: &str) -> Result<Chunk, Error> {
    match serde_json::from_str(data) {
        Ok(chunk) => Ok(chunk),
        // A field appears twice; in a `Value` the last one counts.
        Err(error) if error.is_data() => Ok(Chunk::deserialize(parse::<Value>(data)?).unwrap_or_default()),
        Err(_) => parse(data),
    }
}

fn finish_reason(reason: &str) -> Finish {
    match reason.to_ascii_lowercase().as_str() {
        "stop" | "end_turn" | "stop_sequence" | "eos" | "eos_token" | "completed" => Finish::Stop,
        "length" | "max_tokens" | "model_length" | "max_output_tokens" | "model_context_window_exceeded" => {
            Finish::Length
        }
        "tool_calls" | "function_call" | "tool_use" => Finish::ToolCalls,
        "content_filter" | "safety" | "sensitive" | "prohibited_content" | "blocklist" => {
            Finish::ContentFilter
        }
        "refusal" => Finish::Refusal,
        _ => Finish::Other,
    }
}
