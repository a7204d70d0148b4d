//! The address and key of an OpenAI-compatible provider.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{azure, dialect::Dialect};
use crate::address::{self, EndpointError, Key};

/// The path of chat completions below the root of the API.
pub(super) const CHAT: &str = "/chat/completions";

/// An OpenAI-compatible provider's address and key.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The name that the administrator gave it.
    pub name: String,
    /// The full address of chat completions. For Azure's old interface it may lack the deployment.
    pub url: Url,
    /// The API key, if it needs one.
    pub api_key: Option<SecretString>,
    dialect: Dialect,
}

impl Endpoint {
    /// An endpoint at `base_url`, which may end with the host, a version such as `/v1`, or `/chat/completions`. A
    /// blank key counts as none.
    ///
    /// In Azure's dialect the address may contain a deployment and an `api-version`, or neither.
    pub fn new(
        name: impl Into<String>,
        base_url: &str,
        api_key: Option<SecretString>,
        dialect: Dialect,
    ) -> Result<Self, EndpointError> {
        let api_key = api_key.filter(|key| !key.expose_secret().trim().is_empty());
        Key::bearer(api_key.as_ref())?;
        let url = if dialect == Dialect::Azure { azure::chat_url(base_url)? } else { chat_url(base_url)? };
        Ok(Self { name: name.into(), url, api_key, dialect })
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether it accepts PDF documents. Few services took that over from OpenAI.
    pub(super) fn reads_pdf(&self) -> bool {
        self.dialect == Dialect::OpenRouter || self.url.host_str() == Some("api.openai.com")
    }

    pub(super) fn key(&self) -> Option<Key> {
        // `new` has already checked the key.
        let key = match self.dialect {
            Dialect::Azure => Key::header(self.api_key.as_ref(), "api-key"),
            _ => Key::bearer(self.api_key.as_ref()),
        };
        key.ok().flatten()
    }

    /// The address of this model's chat completions.
    pub(super) fn chat_url(&self, model: &str) -> Url {
        match self.dialect {
            Dialect::Azure => azure::deployed(&self.url, model),
            _ => self.url.clone(),
        }
    }

    /// The address of the list of models.
    pub(super) fn models_url(&self) -> Url {
        let mut root = self.url.clone();
        let path = root.path().strip_suffix(CHAT).unwrap_or(root.path()).to_owned();
        root.set_path(&path);
        address::below(&root, "/models")
    }

    /// The only model of this endpoint, if the address or the key determines it.
    pub(super) fn only_model(&self) -> Option<&str> {
        match self.dialect {
            Dialect::Azure => azure::deployment(&self.url),
            Dialect::FastGpt => Some("fastgpt"),
            _ => None,
        }
    }
}

/// The address of chat completions, given the host, the base of the API, or the full address.
///
/// A path without a version gets `/v1`; a path with one, as in `/v1beta/openai` or `/api/paas/v4`, stays as it is.
pub fn chat_url(base_url: &str) -> Result<Url, EndpointError> {
    Ok(address::below(&address::root(base_url, "/v1", &[CHAT])?, CHAT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_of_a_base_url_are_accepted() {
        for (written, asked) in [
            ("https://api.openai.com", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/", "https://api.openai.com/v1/chat/completions"),
            (" https://api.openai.com/v1\n", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions"),
            ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
            ("https://openrouter.ai/api", "https://openrouter.ai/api/v1/chat/completions"),
            ("https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/paas/v4/chat/completions"),
            (
                "https://generativelanguage.googleapis.com/v1beta/openai/",
                "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            ),
            (
                "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
                "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
            ),
        ] {
            assert_eq!(chat_url(written).unwrap().as_str(), asked, "for {written:?}");
        }
    }

    #[test]
    fn an_invalid_url_is_refused() {
        assert_eq!(chat_url("localhost:11434/v1"), Err(EndpointError::Scheme));
        assert_eq!(chat_url("https://user:secret@host/v1"), Err(EndpointError::Credentials));
        assert!(matches!(chat_url("api.openai.com"), Err(EndpointError::Url(_))));
    }

    #[test]
    fn a_key_is_kept_out_of_debug_output_and_must_fit_a_header() {
        let endpoint = Endpoint::new("x", "https://host", Some("sk-secret".into()), Dialect::Other).unwrap();
        assert!(!format!("{endpoint:?}").contains("secret"));
        assert_eq!(
            Endpoint::new("x", "https://host", Some("two\nlines".into()), Dialect::Other).unwrap_err(),
            EndpointError::Key
        );
        assert!(
            Endpoint::new("x", "https://host", Some(" ".into()), Dialect::Other).unwrap().api_key.is_none()
        );
    }
}
