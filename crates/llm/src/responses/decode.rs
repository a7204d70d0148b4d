//! Decodes events into neutral events, as a pure state machine.

use kaiwa_shared::message::Usage;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::item::{Item, Shared};
use crate::{
    Error, ErrorKind, Event, Finish,
    openai::usage::WireUsage,
    wire::{
        Decode, Ending, Framing, hints,
        lenient::{lenient, object, parse, text},
        refusal,
    },
};

/// One event of the stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEvent {
    #[serde(rename = "type", deserialize_with = "text")]
    kind: String,
    #[serde(deserialize_with = "text")]
    item_id: String,
    #[serde(deserialize_with = "lenient")]
    output_index: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    content_index: u64,
    #[serde(deserialize_with = "lenient")]
    summary_index: u64,
    #[serde(deserialize_with = "text")]
    delta: String,
    #[serde(deserialize_with = "text")]
    text: String,
    #[serde(deserialize_with = "text")]
    refusal: String,
    #[serde(deserialize_with = "text")]
    arguments: String,
    annotation: Value,
    item: Value,
    #[serde(deserialize_with = "object")]
    response: Option<Response>,
}

/// A response, started or complete.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Response {
    #[serde(deserialize_with = "text")]
    status: String,
    #[serde(deserialize_with = "lenient")]
    output: Vec<Value>,
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
    incomplete_details: Value,
    error: Value,
}

/// Decodes one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    items: BTreeMap<ItemKey, Item>,
    shared: Shared,
    usage: Option<Usage>,
    /// Data outside the protocol has arrived.
    nonsense: bool,
    /// An event of the protocol has arrived.
    begun: bool,
    ending: Ending,
}

/// Which item an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ItemKey {
    Index(u64),
    Id(String),
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if data == "[DONE]" {
            // OpenAI does not send it; compatible services may send nothing else.
            self.ending.is_closed = self.begun;
            return Ok(());
        }
        if !data.starts_with('{') {
            self.nonsense |= !data.is_empty();
            return Ok(());
        }
        let mut event: WireEvent = parse(data)?;
        if event.kind.is_empty() && !matches!(name, "" | "message") {
            name.clone_into(&mut event.kind);
        }
        match event.kind.as_str() {
            "error" => Err(refusal::reported(&parse(data)?, None).unwrap_or_else(refusal::unexplained)),
            "" => {
                let payload: Value = parse(data)?;
                if let Some(error) = refusal::reported(&payload, None) {
                    return Err(error);
                }
                let known = ["id", "object", "model"];
                if let Some(unknown) = hints::unknown_field(&payload, &known) {
                    self.ending.hints.note_unknown(&unknown);
                }
                self.nonsense = true;
                Ok(())
            }
            _ => {
                self.begun = true;
                self.take(event, out)
            }
        }
    }

    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let payload: Value = parse(body)?;
        let response = Response::deserialize(&payload).unwrap_or_default();
        if response.status.is_empty() && response.output.is_empty() {
            return Err(refusal::reported(&payload, None)
                .unwrap_or_else(|| Error::new(ErrorKind::Protocol, "the answer holds no reply")));
        }
        self.begun = true;
        self.take_end(response, out)
    }

    fn ending(&mut self) -> &mut Ending {
        &mut self.ending
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.shared.sources.finish(out);
        out.extend(self.usage.take().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let Some(reason) = self.ending.take() else {
            return Err(if self.nonsense && !self.begun {
                Error::new(ErrorKind::Protocol, "the answer is not a stream of a response")
            } else {
                Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
            });
        };
        out.push(Event::Finish(match reason {
            Finish::Stop if self.shared.refused => Finish::Refusal,
            Finish::Stop if self.shared.open_calls > 0 => Finish::ToolCalls,
            reason => reason,
        }));
        Ok(())
    }
}

impl Decoder {
    fn take(&mut self, event: WireEvent, out: &mut Vec<Event>) -> Result<(), Error> {
        let key = match event.output_index {
            Some(index) => ItemKey::Index(index),
            None => ItemKey::Id(event.item_id),
        };
        match event.kind.as_str() {
            "response.output_item.added" => {
                self.item(key_of(key, &event.item), &event.item, out);
            }
            "response.output_item.done" => self.finish_item(key_of(key, &event.item), &event.item, out),
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                return self.take_end(event.response.unwrap_or_default(), out);
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                let (item, shared) = self.known(key, "message", out);
                shared.refused |= event.kind == "response.refusal.delta";
                item.say(event.content_index, &event.delta, shared, out);
            }
            "response.output_text.done" | "response.refusal.done" => {
                let (item, shared) = self.known(key, "message", out);
                shared.refused |= event.kind == "response.refusal.done";
                item.said(event.content_index, &[event.text, event.refusal].concat(), shared, out);
            }
            "response.output_text.annotation.added" => {
                self.shared.sources.push_annotation(&event.annotation, out);
            }
            "response.reasoning_summary_text.delta" => {
                let (item, shared) = self.known(key, "reasoning", out);
                item.think(event.summary_index, &event.delta, shared, out);
            }
            "response.reasoning_summary_text.done" => {
                let (item, shared) = self.known(key, "reasoning", out);
                item.thought(event.summary_index, &event.text, shared, out);
            }
            "response.reasoning_text.delta" => {
                let (item, shared) = self.known(key, "reasoning", out);
                item.think(event.content_index, &event.delta, shared, out);
            }
            "response.reasoning_text.done" => {
                let (item, shared) = self.known(key, "reasoning", out);
                item.thought(event.content_index, &event.text, shared, out);
            }
            "response.function_call_arguments.delta" | "response.mcp_call_arguments.delta" => {
                if let Some(item) = self.items.get_mut(&key) {
                    item.add_arguments(&event.delta, out);
                }
            }
            "response.function_call_arguments.done" | "response.mcp_call_arguments.done" => {
                if let Some(item) = self.items.get_mut(&key) {
                    item.set_arguments(&event.arguments, out);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The item at `key`. If it is new, it starts as one of `kind`, because its start event is missing.
    fn known(&mut self, key: ItemKey, kind: &str, out: &mut Vec<Event>) -> (&mut Item, &mut Shared) {
        self.item(key, &serde_json::json!({ "type": kind }), out)
    }

    fn item(&mut self, key: ItemKey, begun: &Value, out: &mut Vec<Event>) -> (&mut Item, &mut Shared) {
        let shared = &mut self.shared;
        let item = self.items.entry(key).or_insert_with(|| Item::begin(begun, shared, out));
        (item, &mut self.shared)
    }

    fn finish_item(&mut self, key: ItemKey, whole: &Value, out: &mut Vec<Event>) {
        let (item, shared) = self.item(key, whole, out);
        let is_unknown = item.is_unknown();
        item.finish(whole, shared, out);
        let kind = whole.get("type").and_then(Value::as_str).filter(|_| is_unknown);
        if let Some(kind) = kind {
            self.ending.hints.note_unknown(kind);
        }
    }

    /// The response has ended, for whatever reason.
    fn take_end(&mut self, response: Response, out: &mut Vec<Event>) -> Result<(), Error> {
        self.usage = response.usage.map(|usage| usage.neutral()).or(self.usage);
        // Some hosts send an item only here.
        for (item, index) in response.output.iter().zip(0u64..) {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            let by_id = ItemKey::Id(id.to_owned());
            let key = if self.items.contains_key(&by_id) { by_id } else { ItemKey::Index(index) };
            self.finish_item(key, item, out);
        }
        if response.status == "failed" || refusal::is_meant(&response.error) {
            let reported = serde_json::json!({ "error": response.error });
            return Err(refusal::reported(&reported, None).unwrap_or_else(refusal::unexplained));
        }
        let why = response.incomplete_details.get("reason").and_then(Value::as_str).unwrap_or_default();
        let reason = if why.is_empty() { &response.status } else { why };
        reason.clone_into(&mut self.ending.hints.reason);
        self.ending.is_closed = true;
        self.ending.finish = Some(match (response.status.as_str(), why) {
            (_, "max_output_tokens") => Finish::Length,
            (_, "content_filter") => Finish::ContentFilter,
            ("completed" | "", "") => Finish::Stop,
            (_, _) => Finish::Other,
        });
        Ok(())
    }
}

/// The key of an event's item; the item's own id if the event has none.
fn key_of(key: ItemKey, item: &Value) -> ItemKey {
    match (key, item.get("id").and_then(Value::as_str)) {
        (ItemKey::Id(id), Some(own)) if id.is_empty() => ItemKey::Id(own.to_owned()),
        (key, _) => key,
    }
}
