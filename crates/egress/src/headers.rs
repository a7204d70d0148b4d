//! Custom headers from users.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Names that affect the framing, routing or authentication of a message.
const FORBIDDEN: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
];

/// Prefixes of such names.
const FORBIDDEN_PREFIXES: &[&str] = &["proxy-", "sec-", "x-forwarded-"];

/// Why a header cannot be sent. The value is never included, because it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not a header name.
    #[error("`{0}` is not a header's name; use letters, digits and hyphens")]
    Name(String),
    /// A value with a line break or another control character.
    #[error("the value of `{0}` contains a character that no header has, such as a line break")]
    Value(String),
    /// A header that only the client itself may set.
    #[error("`{0}` is set by the server itself and cannot be given; leave it out")]
    Forbidden(String),
}

/// Checks headers that a user defined for requests, such as to a tool. `ours` are names that the caller sets itself,
/// such as `authorization` for a key.
///
/// # Errors
///
/// If one of them cannot be sent or would change the nature of the request.
pub fn user_defined_headers<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ours: &[HeaderName],
) -> Result<HeaderMap, HeaderError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_error| HeaderError::Name(name.escape_default().to_string()))?;
        let forbidden = FORBIDDEN.contains(&parsed.as_str())
            || FORBIDDEN_PREFIXES.iter().any(|prefix| parsed.as_str().starts_with(prefix))
            || ours.contains(&parsed);
        if forbidden {
            return Err(HeaderError::Forbidden(parsed.to_string()));
        }
        let mut value =
            HeaderValue::from_str(value).map_err(|_error| HeaderError::Value(parsed.to_string()))?;
        value.set_sensitive(true);
        headers.append(parsed, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use reqwest::header::AUTHORIZATION;

    use super::*;

    #[test]
    fn a_custom_header_cannot_change_the_nature_of_a_request() {
        for name in [
            "Host",
            "content-length",
            "Transfer-Encoding",
            "connection",
            "Cookie",
            "X-Forwarded-For",
            "x-forwarded-anything",
            "Proxy-Authorization",
            "Authorization",
        ] {
            let refused = user_defined_headers([(name, "x")], &[AUTHORIZATION]);
            assert_eq!(refused, Err(HeaderError::Forbidden(name.to_lowercase())));
        }
        for value in ["a\r\nHost: evil", "a\nb", "a\0b"] {
            let refused = user_defined_headers([("x-tool", value)], &[]);
            assert_eq!(refused, Err(HeaderError::Value("x-tool".into())), "{value:?}");
        }
        for name in ["x tool", "x\r\ny", "", "名"] {
            assert!(
                matches!(user_defined_headers([(name, "x")], &[]), Err(HeaderError::Name(_))),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_harmless_header_is_sent_and_not_shown() {
        let headers =
            user_defined_headers([("X-Api-Key", "secret"), ("Authorization", "mine")], &[]).unwrap();
        assert_eq!(headers["x-api-key"], "secret");
        assert!(!format!("{headers:?}").contains("secret"));
    }
}
