//! The provider's own list of models.

use kaiwa_shared::model::Abilities;
use serde::Deserialize;
use serde_json::Value;

use crate::{abilities::Listed, pages, wire::lenient::lenient};

/// A page of the response of `GET /v1/models`.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    data: Vec<Entry>,
    #[serde(default, deserialize_with = "lenient")]
    has_more: bool,
    #[serde(default, deserialize_with = "lenient")]
    last_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    display_name: String,
    #[serde(deserialize_with = "lenient")]
    max_input_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    max_tokens: Option<u64>,
    capabilities: Value,
}

impl pages::Page for Page {
    const SIZE: &'static str = "limit";
    const CURSOR: &'static str = "after_id";

    fn next(&self) -> Option<String> {
        Some(self.last_id.clone()).filter(|last| self.has_more && !last.is_empty())
    }

    fn into_models(self) -> Vec<Listed> {
        self.data.into_iter().filter(|entry| !entry.id.is_empty()).map(Entry::listed).collect()
    }
}

impl Entry {
    fn listed(self) -> Listed {
        let capable = |of: &str| self.capabilities.get(of)?.get("supported")?.as_bool();
        let abilities = Abilities {
            context_tokens: self.max_input_tokens,
            output_tokens: self.max_tokens,
            vision: capable("image_input"),
            reasoning: capable("thinking"),
            ..Abilities::default()
        };
        Listed { id: self.id, name: self.display_name, abilities }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Page as _;

    #[test]
    fn models_are_listed_with_their_abilities() {
        let page: Page = serde_json::from_str(
            r#"{"data":[
                {"type":"model","id":"claude-opus-5","display_name":"Claude Opus 5","created_at":"2026-07-24T00:00:00Z",
                 "max_input_tokens":1000000,"max_tokens":128000,"capabilities":{
                    "image_input":{"supported":true},"thinking":{"supported":true,"types":{}},"batch":{"supported":true}}},
                {"type":"model","id":"claude-old","display_name":"Old","created_at":"2024-01-01T00:00:00Z"},
                {"type":"model"}],
              "has_more":true,"first_id":"claude-opus-5","last_id":"claude-old"}"#,
        )
        .unwrap();
        assert_eq!(page.next().as_deref(), Some("claude-old"));
        let abilities = Abilities {
            context_tokens: Some(1_000_000),
            output_tokens: Some(128_000),
            vision: Some(true),
            reasoning: Some(true),
            ..Abilities::default()
        };
        let listed = |id: &str, name: &str, abilities| Listed { id: id.into(), name: name.into(), abilities };
        assert_eq!(
            page.into_models(),
            [
                listed("claude-opus-5", "Claude Opus 5", abilities),
                listed("claude-old", "Old", Abilities::default())
            ]
        );
    }

    #[test]
    fn the_last_page_has_no_next() {
        let page: Page = serde_json::from_str(r#"{"data":[],"has_more":false,"last_id":"x"}"#).unwrap();
        assert_eq!(page.next(), None);
        assert!(serde_json::from_str::<Page>("{}").is_err());
    }
}
