//! The models of a server.

use kaiwa_shared::model::Abilities;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{abilities::Listed, wire::lenient::lenient};

/// The response of `GET /api/tags`.
#[derive(Debug, Deserialize)]
pub(super) struct Tags {
    models: Vec<Tag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tag {
    /// What a request names; `name` on older servers.
    #[serde(deserialize_with = "lenient")]
    model: String,
    #[serde(deserialize_with = "lenient")]
    name: String,
}

/// The response of `POST /api/show`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    /// Missing on older servers.
    #[serde(deserialize_with = "lenient")]
    capabilities: Option<Vec<String>>,
    /// The field names contain the architecture.
    #[serde(deserialize_with = "lenient")]
    model_info: Map<String, Value>,
}

impl Tags {
    /// The models' names, in the server's order.
    pub(super) fn names(self) -> Vec<String> {
        let names =
            self.models.into_iter().map(|tag| if tag.model.is_empty() { tag.name } else { tag.model });
        names.filter(|name| !name.is_empty()).collect()
    }
}

impl Shown {
    /// The listed model; `None` if it does not chat.
    pub(super) fn listed(&self, name: String) -> Option<Listed> {
        let can = |what: &str| {
            self.capabilities.as_ref().map(|capabilities| capabilities.iter().any(|known| known == what))
        };
        let abilities = Abilities {
            context_tokens: self.context_tokens(),
            vision: can("vision"),
            tools: can("tools"),
            reasoning: can("thinking"),
            streaming: Some(true),
            ..Abilities::default()
        };
        // The name without `:latest`, which people usually omit.
        let shown = name.strip_suffix(":latest").unwrap_or(&name).to_owned();
        (can("completion") != Some(false)).then_some(Listed { id: name, name: shown, abilities })
    }

    fn context_tokens(&self) -> Option<u64> {
        let architecture = self.model_info.get("general.architecture")?.as_str()?;
        self.model_info.get(&format!("{architecture}.context_length"))?.as_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> Option<Listed> {
        serde_json::from_str::<Shown>(json).unwrap().listed("qwen3:latest".to_owned())
    }

    #[test]
    fn models_have_the_names_that_requests_use() {
        let tags: Tags = serde_json::from_str(
            r#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":1},{"name":"old:latest"},{"size":2}]}"#,
        )
        .unwrap();
        assert_eq!(tags.names(), ["qwen3:8b", "old:latest"]);
    }

    #[test]
    fn abilities_are_read_from_the_models_details() {
        let listed = shown(
            r#"{"capabilities":["completion","tools","thinking"],"details":{"family":"qwen3"},
                "model_info":{"general.architecture":"qwen3","qwen3.context_length":40960}}"#,
        )
        .unwrap();
        assert_eq!((listed.id.as_str(), listed.name.as_str()), ("qwen3:latest", "qwen3"));
        let abilities = Abilities {
            context_tokens: Some(40_960),
            vision: Some(false),
            tools: Some(true),
            reasoning: Some(true),
            streaming: Some(true),
            ..Abilities::default()
        };
        assert_eq!(listed.abilities, abilities);
    }

    #[test]
    fn models_that_do_not_chat_are_left_out() {
        assert_eq!(shown(r#"{"capabilities":["embedding"]}"#), None);
        assert_eq!(
            shown("{}").unwrap().abilities,
            Abilities { streaming: Some(true), ..Abilities::default() }
        );
    }
}
