//! OpenRouter's structured reasoning, which must come back piece by piece as it was.
//!
//! A native piece holds `detail`, without the words that were told as reasoning before it, and `holds`, the field from
//! which those words were taken.

use serde_json::{Map, Value, json};

use super::PROTOCOL;
use crate::{Event, replay};

/// Fields whose text is reasoning.
const WORDS: [&str; 2] = ["text", "summary"];

/// The details of one reply, put together.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// The latest, to which more may come.
    open: Option<Detail>,
}

#[derive(Debug)]
struct Detail {
    fields: Map<String, Value>,
    holds: Option<&'static str>,
}

impl Details {
    /// Whether `details` say anything that can be shown.
    pub(super) fn have_words(details: &[Value]) -> bool {
        details.iter().any(|detail| words(detail).is_some())
    }

    /// Takes more of the details; their words become reasoning.
    pub(super) fn push(&mut self, details: Vec<Value>, out: &mut Vec<Event>) {
        for detail in details {
            let said = words(&detail).map(|(field, words)| (field, words.to_owned()));
            let Value::Object(fields) = detail else { continue };
            if !self.open.as_ref().is_some_and(|open| open.goes_on_with(&fields)) {
                self.close(out);
                self.open = Some(Detail { fields: Map::new(), holds: None });
            }
            let Some(open) = &mut self.open else { continue };
            if let Some((field, words)) = said {
                open.holds = Some(field);
                out.push(Event::Reasoning(words));
            }
            let lasting = fields
                .into_iter()
                .filter(|(name, value)| !WORDS.contains(&name.as_str()) && !value.is_null());
            open.fields.extend(lasting);
        }
    }

    /// Something else comes: gives out the latest detail.
    pub(super) fn close(&mut self, out: &mut Vec<Event>) {
        if let Some(Detail { fields, holds }) = self.open.take() {
            let native = match holds {
                Some(holds) => json!({ "detail": fields, "holds": holds }),
                None => json!({ "detail": fields }),
            };
            out.push(Event::Native(replay::marked(PROTOCOL, native)));
        }
    }
}

impl Detail {
    /// Words come in pieces, everything else whole.
    fn goes_on_with(&self, more: &Map<String, Value>) -> bool {
        let kind = more.get("type").and_then(Value::as_str).unwrap_or_default();
        matches!(kind, "reasoning.text" | "reasoning.summary")
            && ["type", "index"].iter().all(|field| more.get(*field) == self.fields.get(*field))
    }
}

/// The detail in a native piece as it was, given the words that came before it.
pub(super) fn restored(native: &Map<String, Value>, words: &mut String) -> Option<Value> {
    let mut detail = native.get("detail")?.as_object()?.clone();
    if let Some(field) = native.get("holds").and_then(Value::as_str) {
        detail.insert(field.to_owned(), Value::String(std::mem::take(words)));
    }
    Some(Value::Object(detail))
}

fn words(detail: &Value) -> Option<(&'static str, &str)> {
    let mut said = WORDS.iter().filter_map(|&field| Some((field, detail.get(field)?.as_str()?)));
    said.find(|(_, words)| !words.is_empty())
}
