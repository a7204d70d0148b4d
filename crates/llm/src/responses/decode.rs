//! From events to neutral events. A pure state machine.

use kaiwa_shared::message::Usage;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::item::{Item, Shared};
use crate::{
    Error, ErrorKind, Event, FinishReason,
    openai::usage::WireUsage,
    wire::{
        Decode, Framing, Progress,
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

/// A response, begun or whole.
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

/// Reads one reply, streamed or whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    items: BTreeMap<Place, Item>,
    shared: Shared,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    /// Data has come that is not the protocol.
    nonsense: bool,
    /// An event of the protocol has come.
    begun: bool,
}

/// Which item an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Index(u64),
    Id(String),
}

impl Decode for Decoder {
    const FRAMING: Framing = Framing::Sse;

    fn push(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error> {
        let data = data.trim();
        if data == "[DONE]" {
            // OpenAI does not say it; those who imitate it may say nothing else.
            if self.begun {
                self.finish.get_or_insert(FinishReason::Stop);
            }
            return Ok(());
        }
        if !data.starts_with('{') {
            self.nonsense |= !data.is_empty();
            return Ok(());
        }
        let mut event: WireEvent = parse(data)?;
        if event.kind.is_empty() && name != "message" {
            name.clone_into(&mut event.kind);
        }
        match event.kind.as_str() {
            "error" => Err(refusal::reported(&parse(data)?, None).unwrap_or_else(refusal::unexplained)),
            "" => {
                if let Some(error) = refusal::reported(&parse(data)?, None) {
                    return Err(error);
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

    fn progress(&self) -> Progress {
        if self.finish.is_some() { Progress::Done } else { Progress::Open }
    }

    fn flush(&mut self, out: &mut Vec<Event>) {
        self.shared.sources.finish(out);
        out.extend(self.usage.take().map(Event::Usage));
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error> {
        let Some(reason) = self.finish.take() else {
            return Err(if self.nonsense && !self.begun {
                Error::new(ErrorKind::Protocol, "the answer is not a stream of a response")
            } else {
                Error::new(ErrorKind::CutOff, "the stream ended before the reply did")
            });
        };
        out.push(Event::Finish(match reason {
            FinishReason::Stop if self.shared.refused => FinishReason::Refusal,
            FinishReason::Stop if self.shared.open_calls > 0 => FinishReason::ToolCalls,
            reason => reason,
        }));
        Ok(())
    }
}

impl Decoder {
    fn take(&mut self, event: WireEvent, out: &mut Vec<Event>) -> Result<(), Error> {
        let place = match event.output_index {
            Some(index) => Place::Index(index),
            None => Place::Id(event.item_id),
        };
        match event.kind.as_str() {
            "response.output_item.added" => {
                self.item(place_of(place, &event.item), &event.item, out);
            }
            "response.output_item.done" => self.finish_item(place_of(place, &event.item), &event.item, out),
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                return self.take_end(event.response.unwrap_or_default(), out);
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                let (item, shared) = self.known(place, "message", out);
                shared.refused |= event.kind == "response.refusal.delta";
                item.say(event.content_index, &event.delta, shared, out);
            }
            "response.output_text.done" | "response.refusal.done" => {
                let (item, shared) = self.known(place, "message", out);
                shared.refused |= event.kind == "response.refusal.done";
                item.said(event.content_index, &[event.text, event.refusal].concat(), shared, out);
            }
            "response.output_text.annotation.added" => {
                self.shared.sources.push_annotation(&event.annotation, out);
            }
            "response.reasoning_summary_text.delta" => {
                let (item, shared) = self.known(place, "reasoning", out);
                item.think(event.summary_index, &event.delta, shared, out);
            }
            "response.reasoning_summary_text.done" => {
                let (item, shared) = self.known(place, "reasoning", out);
                item.thought(event.summary_index, &event.text, shared, out);
            }
            "response.reasoning_text.delta" => {
                let (item, shared) = self.known(place, "reasoning", out);
                item.think(event.content_index, &event.delta, shared, out);
            }
            "response.reasoning_text.done" => {
                let (item, shared) = self.known(place, "reasoning", out);
                item.thought(event.content_index, &event.text, shared, out);
            }
            "response.function_call_arguments.delta" | "response.mcp_call_arguments.delta" => {
                if let Some(item) = self.items.get_mut(&place) {
                    item.add_arguments(&event.delta, out);
                }
            }
            "response.function_call_arguments.done" | "response.mcp_call_arguments.done" => {
                if let Some(item) = self.items.get_mut(&place) {
                    item.set_arguments(&event.arguments, out);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The item at `place`, which begins if it is new, as one of `kind` where its beginning was not told.
    fn known(&mut self, place: Place, kind: &str, out: &mut Vec<Event>) -> (&mut Item, &mut Shared) {
        self.item(place, &serde_json::json!({ "type": kind }), out)
    }

    fn item(&mut self, place: Place, begun: &Value, out: &mut Vec<Event>) -> (&mut Item, &mut Shared) {
        let shared = &mut self.shared;
        let item = self.items.entry(place).or_insert_with(|| Item::begin(begun, shared, out));
        (item, &mut self.shared)
    }

    fn finish_item(&mut self, place: Place, whole: &Value, out: &mut Vec<Event>) {
        let (item, shared) = self.item(place, whole, out);
        item.finish(whole, shared, out);
    }

    /// The response is over, for whatever reason.
    fn take_end(&mut self, response: Response, out: &mut Vec<Event>) -> Result<(), Error> {
        self.usage = response.usage.map(|usage| usage.neutral()).or(self.usage);
        // Some hosts tell of an item only here.
        for (item, index) in response.output.iter().zip(0u64..) {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            let by_id = Place::Id(id.to_owned());
            let place = if self.items.contains_key(&by_id) { by_id } else { Place::Index(index) };
            self.finish_item(place, item, out);
        }
        if response.status == "failed" || refusal::is_meant(&response.error) {
            let told = serde_json::json!({ "error": response.error });
            return Err(refusal::reported(&told, None).unwrap_or_else(refusal::unexplained));
        }
        let why = response.incomplete_details.get("reason").and_then(Value::as_str).unwrap_or_default();
        self.finish = Some(match (response.status.as_str(), why) {
            (_, "max_output_tokens") => FinishReason::Length,
            (_, "content_filter") => FinishReason::ContentFilter,
            ("completed" | "", "") => FinishReason::Stop,
            (status, "") => FinishReason::Other(status.to_owned()),
            (_, why) => FinishReason::Other(why.to_owned()),
        });
        Ok(())
    }
}

/// An item's place, by its own id where the event says none.
fn place_of(place: Place, item: &Value) -> Place {
    match (place, item.get("id").and_then(Value::as_str)) {
        (Place::Id(id), Some(own)) if id.is_empty() => Place::Id(own.to_owned()),
        (place, _) => place,
    }
}
