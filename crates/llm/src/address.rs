//! Parses the configured address and key of a provider.

use kaiwa_egress::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

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
    /// The key is not valid in a header.
    #[error("the key contains characters that no key has, such as a line break")]
    Key,
}

/// Parses and checks the root of an API. A trailing slash and the path of a call (one of `endings`, such as
/// `/chat/completions`) are removed. A path without a version gets `version`, such as `/v1`; a path with one, as in
/// `/v1beta/openai` or `/api/paas/v4`, stays as it is. A query stays.
pub(crate) fn root(written: &str, version: &str, endings: &[&str]) -> Result<Url, EndpointError> {
    let mut url = Url::parse(written.trim())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EndpointError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Credentials);
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    let ending = endings.iter().find_map(|ending| path.strip_suffix(ending));
    let path = match ending {
        Some(root) => root.to_owned(),
        None if path.split('/').any(is_version) => path,
        None => format!("{path}{version}"),
    };
    url.set_path(&path);
    Ok(url)
}

/// The address of `path`, such as `/models`, below `root`.
pub(crate) fn below(root: &Url, path: &str) -> Url {
    let mut url = root.clone();
    url.set_path(&format!("{}{path}", root.path().trim_end_matches('/')));
    url
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A key and its header. It never appears in debug output.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    secret: SecretString,
    name: HeaderName,
    value: HeaderValue,
}

impl Key {
    /// A key in the header `Authorization: Bearer …`. A blank key counts as none.
    pub(crate) fn bearer(secret: Option<&SecretString>) -> Result<Option<Self>, EndpointError> {
        Self::new(secret, AUTHORIZATION, "Bearer ")
    }

    /// A key in the header `name`, in lower case. A blank key counts as none.
    pub(crate) fn header(
        secret: Option<&SecretString>,
        name: &'static str,
    ) -> Result<Option<Self>, EndpointError> {
        Self::new(secret, HeaderName::from_static(name), "")
    }

    fn new(
        secret: Option<&SecretString>,
        name: HeaderName,
        prefix: &str,
    ) -> Result<Option<Self>, EndpointError> {
        let Some(secret) = secret.filter(|key| !key.expose_secret().trim().is_empty()) else {
            return Ok(None);
        };
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", secret.expose_secret().trim()))
            .or(Err(EndpointError::Key))?;
        value.set_sensitive(true);
        Ok(Some(Self { secret: secret.clone(), name, value }))
    }

    /// The header.
    pub(crate) fn as_header(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.value.clone())
    }

    /// The key itself, to remove it from a provider's messages.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_in_common_spellings() {
        let root = |written| root(written, "/v1", &["/messages"]).map(|url| url.to_string());
        for written in
            ["https://h", "https://h/", " https://h/v1\n", "https://h/v1/", "https://h/v1/messages/#x"]
        {
            assert_eq!(root(written).unwrap(), "https://h/v1", "for {written:?}");
        }
        assert_eq!(root("https://h/a/v2beta/b?q=1").unwrap(), "https://h/a/v2beta/b?q=1");
        assert_eq!(root("ftp://h"), Err(EndpointError::Scheme));
    }

    #[test]
    fn a_path_is_put_below_the_root_and_before_the_query() {
        let root = root("https://h/x?q=1", "/v1", &[]).unwrap();
        assert_eq!(below(&root, "/models").as_str(), "https://h/x/v1/models?q=1");
    }

    #[test]
    fn a_key_is_kept_out_of_debug_output_and_must_fit_a_header() {
        let bearer = Key::bearer(Some(&" sk-secret ".into())).unwrap().unwrap();
        assert_eq!(bearer.as_header().1.as_bytes(), b"Bearer sk-secret");
        let alone = Key::header(Some(&"sk-secret".into()), "x-api-key").unwrap().unwrap();
        assert_eq!((alone.name.as_str(), alone.value.as_bytes()), ("x-api-key", b"sk-secret".as_slice()));
        assert!(!format!("{bearer:?} {alone:?}").contains("sk-"));
        assert_eq!(Key::bearer(Some(&"two\nlines".into())).unwrap_err(), EndpointError::Key);
        assert!(Key::bearer(Some(&" ".into())).unwrap().is_none());
        assert!(Key::bearer(None).unwrap().is_none());
    }
}
