//! Azure's addresses.
//!
//! The new interface, `/openai/v1`, is OpenAI's own. The old one has the deployment in its path and its version in
//! its query. People paste either, whole or in part.

use url::Url;

use super::endpoint::CHAT;
use crate::address::{self, EndpointError};

/// The version of the old interface for addresses without one.
const API_VERSION: &str = "2024-10-21";

/// The address of chat completions. It ends in `/openai/chat/completions` if the path still needs the deployment,
/// which [`deployed`] inserts.
pub(super) fn chat_url(written: &str) -> Result<Url, EndpointError> {
    let mut url = address::root(written, "", &[CHAT])?;
    let has_version = url.query_pairs().any(|(name, _)| name == "api-version");
    let path = url.path().trim_end_matches('/').to_owned();
    let (path, is_old) = match path.as_str() {
        "" | "/openai" if !has_version => ("/openai/v1".to_owned(), false),
        "" => ("/openai".to_owned(), true),
        path => (path.to_owned(), path.contains("/deployments/") || path.ends_with("/openai")),
    };
    url.set_path(&path);
    if is_old && !has_version {
        url.query_pairs_mut().append_pair("api-version", API_VERSION);
    }
    Ok(address::below(&url, CHAT))
}

/// The address of chat completions for one deployment.
pub(super) fn deployed(url: &Url, model: &str) -> Url {
    let mut url = url.clone();
    if let Some(root) = url.path().strip_suffix(CHAT).filter(|root| root.ends_with("/openai")) {
        let root = root.to_owned();
        url.set_path(&root);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(["deployments", model, "chat", "completions"]);
        }
    }
    url
}

/// The deployment in the address, if there is one.
pub(super) fn deployment(url: &Url) -> Option<&str> {
    let (_, rest) = url.path().split_once("/deployments/")?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_of_an_azure_address_are_accepted() {
        let v1 = "https://x.openai.azure.com/openai/v1/chat/completions";
        let old = "https://x.openai.azure.com/openai/deployments/gpt%204/chat/completions?api-version=";
        for (written, asked) in [
            ("https://x.openai.azure.com", v1.to_owned()),
            ("https://x.openai.azure.com/openai", v1.to_owned()),
            ("https://x.openai.azure.com/openai/v1/", v1.to_owned()),
            (v1, v1.to_owned()),
            (
                "https://x.openai.azure.com/?api-version=2025-01-01-preview",
                format!("{old}2025-01-01-preview"),
            ),
            ("https://x.openai.azure.com/openai?api-version=2025-01-01", format!("{old}2025-01-01")),
            ("https://x.openai.azure.com/openai/deployments/gpt%204", format!("{old}2024-10-21")),
            (
                "https://x.openai.azure.com/openai/deployments/gpt%204/chat/completions?api-version=1",
                format!("{old}1"),
            ),
            (
                "https://x.services.ai.azure.com/models?api-version=2024-05-01-preview",
                "https://x.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview"
                    .into(),
            ),
        ] {
            let url = chat_url(written).unwrap();
            assert_eq!(deployed(&url, "gpt 4").as_str(), asked, "for {written}");
        }
        assert!(!chat_url("x.openai.azure.com").unwrap_err().to_string().is_empty());
    }

    #[test]
    fn the_deployment_in_the_address_is_the_one_model() {
        let named = |url: &str| deployment(&Url::parse(url).unwrap()).map(str::to_owned);
        assert_eq!(named("https://x/openai/deployments/d/chat/completions?a=b"), Some("d".into()));
        assert_eq!(named("https://x/openai/v1/chat/completions"), None);
    }
}
