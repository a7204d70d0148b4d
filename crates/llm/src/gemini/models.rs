//! The provider's own list of models.

use kaiwa_shared::model::Abilities;
use serde::Deserialize;

use crate::{abilities::Listed, pages, wire::lenient::lenient};

/// Parts of the names of models that generate content but do not chat.
const NOT_CHAT: [&str; 9] =
    ["embedding", "tts", "image", "audio", "live", "aqa", "robotics", "computer-use", "transcribe"];

/// A page of the response of `GET /v1beta/models`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    models: Vec<Entry>,
    #[serde(default, deserialize_with = "lenient")]
    next_page_token: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    display_name: String,
    #[serde(deserialize_with = "lenient")]
    input_token_limit: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    output_token_limit: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    supported_generation_methods: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    thinking: Option<bool>,
}

impl pages::Page for Page {
    const SIZE: &'static str = "pageSize";
    const CURSOR: &'static str = "pageToken";

    fn next(&self) -> Option<String> {
        Some(self.next_page_token.clone()).filter(|token| !token.is_empty())
    }

    fn into_models(self) -> Vec<Listed> {
        self.models.into_iter().filter(Entry::chats).map(Entry::listed).collect()
    }
}

impl Entry {
    fn chats(&self) -> bool {
        let generates = self.supported_generation_methods.iter().any(|method| method == "generateContent");
        generates && !NOT_CHAT.iter().any(|part| self.name.contains(part))
    }

    fn listed(self) -> Listed {
        let abilities = Abilities {
            context_tokens: self.input_token_limit,
            output_tokens: self.output_token_limit,
            reasoning: self.thinking,
            streaming: Some(true),
            ..Abilities::default()
        };
        let id = self.name.strip_prefix("models/").unwrap_or(&self.name).to_owned();
        Listed { id, name: self.display_name, abilities }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Page as _;

    #[test]
    fn models_that_chat_are_listed_with_their_abilities() {
        let page: Page = serde_json::from_str(
            r#"{"models":[
                {"name":"models/gemini-2.5-flash","version":"001","displayName":"Gemini 2.5 Flash",
                 "inputTokenLimit":1048576,"outputTokenLimit":65536,"thinking":true,
                 "supportedGenerationMethods":["generateContent","countTokens"]},
                {"name":"models/gemini-embedding-001","supportedGenerationMethods":["embedContent"]},
                {"name":"models/gemini-2.5-flash-preview-tts","supportedGenerationMethods":["generateContent"]}],
              "nextPageToken":"Cg"}"#,
        )
        .unwrap();
        assert_eq!(page.next().as_deref(), Some("Cg"));
        let abilities = Abilities {
            context_tokens: Some(1_048_576),
            output_tokens: Some(65_536),
            reasoning: Some(true),
            streaming: Some(true),
            ..Abilities::default()
        };
        assert_eq!(
            page.into_models(),
            [Listed { id: "gemini-2.5-flash".into(), name: "Gemini 2.5 Flash".into(), abilities }]
        );
    }
}
