//! The session cookie.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header::{self, HeaderValue},
};

use super::peer::Peer;

/// The name over HTTPS. Browsers refuse a cookie with this prefix from a subdomain or over plain HTTP.
const SECURE_NAME: &str = "__Host-kaiwa";

/// The name over plain HTTP, as in a home network.
const PLAIN_NAME: &str = "kaiwa";

/// A cookie that holds `token` for `lifetime`.
pub(crate) fn keep(peer: &Peer, token: String, lifetime: Duration) -> Cookie<'static> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    build(peer.secure, token, CookieDuration::seconds(seconds))
}

/// Cookies that make the browser delete its tokens.
pub(crate) fn forget() -> [Cookie<'static>; 2] {
    [true, false].map(|secure| build(secure, String::new(), CookieDuration::ZERO))
}

/// The tokens that may sign this request in. Over HTTPS, a plain cookie may come from somebody else in the network.
pub(crate) fn tokens(request: &HttpRequest, peer: &Peer) -> Vec<String> {
    let wanted = name(peer.secure);
    pairs(request).filter(|(name, _)| *name == wanted).map(|(_, token)| token.to_owned()).collect()
}

/// The tokens in all our cookies.
pub(crate) fn all_tokens(request: &HttpRequest) -> Vec<String> {
    pairs(request).map(|(_, token)| token.to_owned()).collect()
}

/// The names and values of our cookies. The framework's parser would refuse all cookies because of a malformed one that
/// another program has set.
fn pairs(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.headers().get_all(header::COOKIE).map(HeaderValue::as_bytes);
    let cookies = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    let pairs = cookies.filter_map(|cookie| {
        let (name, value) = std::str::from_utf8(cookie).ok()?.split_once('=')?;
        Some((name.trim(), value.trim().trim_matches('"')))
    });
    pairs.filter(|(name, value)| [SECURE_NAME, PLAIN_NAME].contains(name) && !value.is_empty())
}

fn name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

fn build(secure: bool, value: String, lifetime: CookieDuration) -> Cookie<'static> {
    Cookie::build(name(secure), value)
        .path("/")
        .http_only(true)
        .secure(secure)
        // Not Strict: a link from an e-mail to a conversation would show the sign-in page.
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .finish()
}
