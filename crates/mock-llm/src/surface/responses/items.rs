//! The items of a response's output.

use serde_json::{Value, json};

use super::SIGNATURE;
use crate::plan::{Call, Citation, Search};

/// How the items of one response are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Items {
    /// Reasoning is also sent encrypted.
    pub(super) are_sealed: bool,
}

impl Items {
    /// Reasoning, with its summary if there is one.
    pub(super) fn reasoning(self, index: usize, summary: Option<&str>, is_done: bool) -> Value {
        let summary: Vec<Value> =
            summary.map(|text| json!({ "type": "summary_text", "text": text })).into_iter().collect();
        let mut item = json!({ "id": id(index), "type": "reasoning", "summary": summary });
        if self.are_sealed {
            item["encrypted_content"] = if is_done { SIGNATURE.into() } else { "".into() };
        }
        item
    }
}

/// The id of the item at this index.
pub(super) fn id(index: usize) -> String {
    format!("item_{index}")
}

/// A message with at most one part.
pub(super) fn message(index: usize, part: Option<Value>, status: &str) -> Value {
    let content: Vec<Value> = part.into_iter().collect();
    json!({ "id": id(index), "type": "message", "status": status, "role": "assistant", "content": content })
}

/// The part of a message.
pub(super) fn part(is_refusal: bool, text: &str, annotations: &[Value]) -> Value {
    if is_refusal {
        return json!({ "type": "refusal", "refusal": text });
    }
    json!({ "type": "output_text", "text": text, "annotations": annotations, "logprobs": [] })
}

/// A tool call with its arguments so far.
pub(super) fn call(index: usize, call: &Call, arguments: &str, status: &str) -> Value {
    json!({
        "id": id(index), "type": "function_call", "status": status, "call_id": call.id, "name": call.name,
        "arguments": arguments,
    })
}

/// A search.
pub(super) fn search(index: usize, search: &Search, status: &str) -> Value {
    let sources: Vec<Value> =
        search.sources.iter().map(|source| json!({ "type": "url", "url": source.url })).collect();
    json!({
        "id": id(index), "type": "web_search_call", "status": status,
        "action": { "type": "search", "query": search.query, "sources": sources },
    })
}

/// A citation.
pub(super) fn annotation(citation: &Citation) -> Value {
    json!({
        "type": "url_citation", "url": citation.source.url, "title": citation.source.title,
        "start_index": citation.start, "end_index": citation.end,
    })
}
