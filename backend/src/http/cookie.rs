//! The session cookie, and the cookie by which a device is recognized.

use std::{borrow::Cow, time::Duration};

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header::{self, HeaderValue},
};

use kaiwa_shared::UserId;

use super::peer::Peer;

/// The name over HTTPS. Browsers refuse a cookie with this prefix from a subdomain or over plain HTTP.
const SECURE_NAME: &str = "__Host-kaiwa";

/// The name over plain HTTP, as in a home network.
const PLAIN_NAME: &str = "kaiwa";

/// How long a device is recognized after a sign-in. Browsers keep no cookie longer.
const DEVICE_LIFETIME: Duration = Duration::from_hours(400 * 24);

/// A cookie that holds `token` for `lifetime`.
pub(crate) fn keep(peer: &Peer, token: String, lifetime: Duration) -> Cookie<'static> {
    build(name(peer.secure), peer.secure, token, lifetime)
}

/// A cookie with the mark of an account, which the browser sends only to `path`, where it signs in. It stays when the
/// session ends.
pub(crate) fn keep_mark(peer: &Peer, account: UserId, mark: String, path: String) -> Cookie<'static> {
    let mut cookie = build(device_name(account), peer.secure, mark, DEVICE_LIFETIME);
    cookie.set_path(path);
    cookie
}

/// The marks of this account in the cookies of a request.
pub(crate) fn marks(request: &HttpRequest, account: UserId) -> impl Iterator<Item = &str> {
    let wanted = device_name(account);
    all_pairs(request).filter(move |(name, _)| *name == wanted).map(|(_, mark)| mark)
}

/// Cookies that make the browser delete its tokens.
pub(crate) fn forget() -> [Cookie<'static>; 2] {
    [true, false].map(|secure| build(name(secure), secure, String::new(), Duration::ZERO))
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

/// The names and values of our session cookies.
fn pairs(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    all_pairs(request).filter(|(name, value)| [SECURE_NAME, PLAIN_NAME].contains(name) && !value.is_empty())
}

/// The names and values of all cookies. The framework's parser would refuse all cookies because of a malformed one that
/// another program has set.
fn all_pairs(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.headers().get_all(header::COOKIE).map(HeaderValue::as_bytes);
    let cookies = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    cookies.filter_map(|cookie| {
        let (name, value) = std::str::from_utf8(cookie).ok()?.split_once('=')?;
        Some((name.trim(), value.trim().trim_matches('"')))
    })
}

fn name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

fn device_name(account: UserId) -> String {
    format!("kaiwa-device-{account}")
}

fn build(
    name: impl Into<Cow<'static, str>>,
    secure: bool,
    value: String,
    lifetime: Duration,
) -> Cookie<'static> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(secure)
        // Not Strict: a link from an e-mail to a conversation would show the sign-in page.
        .same_site(SameSite::Lax)
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}
