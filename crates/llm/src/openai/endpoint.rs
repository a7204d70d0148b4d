//! Where an OpenAI-compatible provider is and which key opens it.

use kaiwa_egress::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// An OpenAI-compatible provider's address and key.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the operator calls it.
    pub name: String,
    /// Where chat completions are asked for, in full.
    pub url: Url,
    /// The key, if it needs one.
    pub api_key: Option<SecretString>,
}

/// Why an endpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL.
    #[error("not a URL such as https://api.openai.com/v1")]
    Url(#[from] url::ParseError),
    /// Neither `http` nor `https`.
    #[error("the URL must begin with http:// or https://, as https://api.openai.com/v1 does")]
    Scheme,
    /// A user name or password in the URL.
    #[error("the URL may not contain a user name or password")]
    Credentials,
    /// The key cannot travel in a header.
    #[error("the key contains characters that no key has, such as a line break")]
    Key,
}

impl Endpoint {
    /// An endpoint at `base_url`, which may end at the host, at a version such as `/v1`, or at `/chat/completions`.
    /// A blank key is none.
    pub fn new(
        name: impl Into<String>,
        base_url: &str,
        api_key: Option<SecretString>,
    ) -> Result<Self, EndpointError> {
        let api_key = api_key.filter(|key| !key.expose_secret().trim().is_empty());
        if let Some(key) = &api_key {
            authorization_value(key)?;
        }
        Ok(Self { name: name.into(), url: chat_url(base_url)?, api_key })
    }

    /// The `Authorization` header, kept out of every debug output.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        authorization_value(self.api_key.as_ref()?).ok()
    }
}

fn authorization_value(key: &SecretString) -> Result<HeaderValue, EndpointError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret().trim()))
        .or(Err(EndpointError::Key))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where chat completions are asked for, given what people write: the host, the base of the API, or all of it.
///
/// A path that names no version gets `/v1`; one that does, as in `/v1beta/openai` or `/api/paas/v4`, is taken as it is.
pub fn chat_url(base_url: &str) -> Result<Url, EndpointError> {
    let mut url = Url::parse(base_url.trim())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EndpointError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Credentials);
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with("/chat/completions") {
        url.set_path(&path);
        return Ok(url);
    }
    let version = if path.split('/').any(is_version) { "" } else { "/v1" };
    url.set_path(&format!("{path}{version}/chat/completions"));
    Ok(url)
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
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
        let endpoint = Endpoint::new("x", "https://host", Some("sk-secret ".into())).unwrap();
        let header = endpoint.authorization().unwrap();
        assert_eq!(header.as_bytes(), b"Bearer sk-secret");
        assert!(!format!("{endpoint:?} {header:?}").contains("secret"));
        assert_eq!(
            Endpoint::new("x", "https://host", Some("two\nlines".into())).unwrap_err(),
            EndpointError::Key
        );
        assert!(Endpoint::new("x", "https://host", Some(" ".into())).unwrap().api_key.is_none());
    }
}
