//! Where an OpenAI-compatible provider is and which key opens it.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{azure, dialect::Dialect};
use crate::address::{self, EndpointError, Key};

/// How the address of chat completions ends.
pub(super) const CHAT: &str = "/chat/completions";

/// An OpenAI-compatible provider's address and key.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the operator calls it.
    pub name: String,
    /// Where chat completions are asked for, in full. At Azure's old interface the deployment may be missing in it.
    pub url: Url,
    /// The key, if it needs one.
    pub api_key: Option<SecretString>,
    dialect: Dialect,
}

impl Endpoint {
    /// An endpoint at `base_url`, which may end at the host, at a version such as `/v1`, or at `/chat/completions`.
    /// A blank key is none.
    ///
    /// An address in Azure's dialect may name a deployment and an `api-version`, or neither.
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

    pub(super) fn key(&self) -> Option<Key> {
        // What `new` has accepted is accepted again.
        let key = match self.dialect {
            Dialect::Azure => Key::header(self.api_key.as_ref(), "api-key"),
            _ => Key::bearer(self.api_key.as_ref()),
        };
        key.ok().flatten()
    }

    /// Where this model's chat completions are asked for.
    pub(super) fn chat_url(&self, model: &str) -> Url {
        match self.dialect {
            Dialect::Azure => azure::deployed(&self.url, model),
            _ => self.url.clone(),
        }
    }

    /// Where the list of models is.
    pub(super) fn models_url(&self) -> Url {
        let mut root = self.url.clone();
        let path = root.path().strip_suffix(CHAT).unwrap_or(root.path()).to_owned();
        root.set_path(&path);
        address::below(&root, "/models")
    }

    /// The only model that can be asked for here, where the address or the key says which.
    pub(super) fn only_model(&self) -> Option<&str> {
        match self.dialect {
            Dialect::Azure => azure::deployment(&self.url),
            Dialect::FastGpt => Some("fastgpt"),
            _ => None,
        }
    }
}

/// Where chat completions are asked for, given what people write: the host, the base of the API, or all of it.
///
/// A path that names no version gets `/v1`; one that does, as in `/v1beta/openai` or `/api/paas/v4`, is taken as it is.
pub fn chat_url(base_url: &str) -> Result<Url, EndpointError> {
    Ok(address::below(&address::root(base_url, "/v1", &[CHAT])?, CHAT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_be_written_in_every_usual_way() {
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
    fn a_url_that_cannot_be_meant_is_refused() {
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
