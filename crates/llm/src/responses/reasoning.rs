//! Reasoning items: emitted as text, and sent back unchanged.

use serde_json::{Map, Value, json};

/// Separates two parts of the reasoning in the emitted text.
pub(super) const BETWEEN: &str = "\n\n";

/// The lists with an item's text: a summary, or the reasoning itself.
const LISTS: [&str; 2] = ["summary", "content"];

/// The item without its text, if `emitted` is the emitted text: `holds` names the list and `parts` the length of each
/// entry in characters. `None` if there is nothing to send back.
pub(super) fn provider_block(item: &Map<String, Value>, emitted: &str) -> Option<Value> {
    let is_encrypted =
        item.get("encrypted_content").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let list = LISTS.into_iter().find(|list| !texts(item, list).is_empty());
    if !is_encrypted && list != Some("content") {
        return None;
    }
    if let Some(list) = list {
        let texts = texts(item, list);
        if texts.join(BETWEEN) == emitted {
            let parts: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
            let mut rest = item.clone();
            rest.remove(list);
            return Some(json!({ "item": rest, "holds": list, "parts": parts }));
        }
    }
    Some(json!({ "item": item }))
}

/// Restores the item of a provider block, given the text that was emitted before it.
pub(super) fn restored(provider_block: &Map<String, Value>, words: &str) -> Option<Value> {
    let mut item = provider_block.get("item")?.as_object()?.clone();
    if let Some(list) = provider_block.get("holds").and_then(Value::as_str) {
        let kind = if list == "summary" { "summary_text" } else { "reasoning_text" };
        let parts = provider_block.get("parts").and_then(Value::as_array).into_iter().flatten();
        let mut rest = words.chars();
        let mut entries = Vec::new();
        for length in parts.filter_map(Value::as_u64) {
            if !entries.is_empty() {
                rest.by_ref().take(BETWEEN.len()).for_each(drop);
            }
            let text: String = rest.by_ref().take(usize::try_from(length).unwrap_or(usize::MAX)).collect();
            entries.push(json!({ "type": kind, "text": text }));
        }
        item.insert(list.to_owned(), Value::Array(entries));
    }
    Some(Value::Object(item))
}

/// The text of an item that arrived whole.
pub(super) fn words(item: &Map<String, Value>) -> String {
    LISTS
        .into_iter()
        .map(|list| texts(item, list).join(BETWEEN))
        .find(|words| !words.is_empty())
        .unwrap_or_default()
}

fn texts<'a>(item: &'a Map<String, Value>, list: &str) -> Vec<&'a str> {
    let entries = item.get(list).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("text")?.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(item: &Value) -> Map<String, Value> {
        item.as_object().unwrap().clone()
    }

    #[test]
    fn an_item_is_restored_unchanged() {
        let summary = json!({
            "type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA",
            "summary": [{ "type": "summary_text", "text": "先想" }, { "type": "summary_text", "text": "Then\n\nthat." }],
        });
        let content = json!({ "type": "reasoning", "id": "rs_2", "summary": [],
            "content": [{ "type": "reasoning_text", "text": "Hm." }] });
        for whole in [summary, content] {
            let emitted = words(&item(&whole));
            let provider_block = provider_block(&item(&whole), &emitted).unwrap();
            assert!(
                !provider_block.to_string().contains("Hm.") && !provider_block.to_string().contains("先想"),
                "{provider_block}"
            );
            assert_eq!(restored(&item(&provider_block), &emitted), Some(whole));
        }
    }

    #[test]
    fn an_item_whose_text_was_emitted_differently_is_kept_whole() {
        let whole = json!({ "type": "reasoning", "encrypted_content": "g", "summary": [{ "type": "summary_text", "text": "a" }] });
        let provider_block = provider_block(&item(&whole), "b").unwrap();
        assert_eq!(provider_block, json!({ "item": whole }));
        assert_eq!(restored(&item(&provider_block), "b"), Some(whole));
    }

    #[test]
    fn an_item_without_content_to_send_back_is_not_kept() {
        let summary = json!({ "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": "a" }] });
        assert_eq!(provider_block(&item(&summary), "a"), None);
        assert_eq!(
            provider_block(&item(&json!({ "type": "reasoning", "encrypted_content": null })), ""),
            None
        );
    }
}
