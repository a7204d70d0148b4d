//! OpenRouter's structured reasoning, which must be sent back unchanged.
//!
//! A provider block holds `detail`, without the text that was emitted as reasoning before it, and `holds`, the field
//! which that text came from.

use serde_json::{Map, Value, json};

use super::PROTOCOL;
use crate::{Event, replay};

/// Fields with readable reasoning.
const WORDS: [&str; 2] = ["text", "summary"];

/// Assembles the details of one reply.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// The latest detail, which may still grow.
    open: Option<Detail>,
}

#[derive(Debug)]
struct Detail {
    fields: Map<String, Value>,
    holds: Option<&'static str>,
}

impl Details {
    /// Whether `details` contain readable text.
    pub(super) fn have_words(details: &[Value]) -> bool {
        details.iter().any(|detail| words(detail).is_some())
    }

    /// Takes more details and emits their text as reasoning.
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

    /// Emits the latest detail because something else follows.
    pub(super) fn close(&mut self, out: &mut Vec<Event>) {
        if let Some(Detail { fields, holds }) = self.open.take() {
            let provider_block = match holds {
                Some(holds) => json!({ "detail": fields, "holds": holds }),
                None => json!({ "detail": fields }),
            };
            out.push(Event::ProviderBlock(replay::marked(PROTOCOL, provider_block)));
        }
    }
}

impl Detail {
    /// Text arrives in pieces, everything else whole.
    fn goes_on_with(&self, more: &Map<String, Value>) -> bool {
        let kind = more.get("type").and_then(Value::as_str).unwrap_or_default();
        matches!(kind, "reasoning.text" | "reasoning.summary")
            && ["type", "index"].iter().all(|field| more.get(*field) == self.fields.get(*field))
    }
}

/// Restores the detail of a provider block, given the text before it.
pub(super) fn restored(provider_block: &Map<String, Value>, words: &mut String) -> Option<Value> {
    let mut detail = provider_block.get("detail")?.as_object()?.clone();
    if let Some(field) = provider_block.get("holds").and_then(Value::as_str) {
        detail.insert(field.to_owned(), Value::String(std::mem::take(words)));
    }
    Some(Value::Object(detail))
}

fn words(detail: &Value) -> Option<(&'static str, &str)> {
    let mut said = WORDS.iter().filter_map(|&field| Some((field, detail.get(field)?.as_str()?)));
    said.find(|(_, words)| !words.is_empty())
}
