//! The session cookie.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
};

use super::peer::Peer;

/// The name over HTTPS. Browsers refuse a cookie with this prefix from a subdomain or over plain HTTP.
const SECURE_NAME: &str = "__Host-kaiwa";

/// The name over plain HTTP, as in a home network.
const PLAIN_NAME: &str = "kaiwa";

/// A cookie that holds `token` for `lifetime`.
pub(crate) fn keep(peer: &Peer, token: String, lifetime: Duration) -> Cookie<'static> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    build(peer, token, CookieDuration::seconds(seconds))
}

/// A cookie that makes the browser delete its token.
pub(crate) fn forget(peer: &Peer) -> Cookie<'static> {
    build(peer, String::new(), CookieDuration::ZERO)
}

/// The token in the request's cookie, if there is one.
pub(crate) fn token(request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(SECURE_NAME).or_else(|| request.cookie(PLAIN_NAME))?;
    Some(cookie.value().to_owned())
}

fn build(peer: &Peer, value: String, lifetime: CookieDuration) -> Cookie<'static> {
    let name = if peer.secure { SECURE_NAME } else { PLAIN_NAME };
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(peer.secure)
        // Not Strict: a link from an e-mail to a conversation would show the sign-in page.
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .finish()
}
