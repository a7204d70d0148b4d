//! Refuses writes that another site makes a browser send.
//!
//! A browser says where a request comes from (`Sec-Fetch-Site`, or `Origin` where the page came over plain HTTP).
//! A program with an `Authorization` header brings its own authority, and a cookie is then ignored.

use actix_web::{
    HttpRequest,
    http::{Method, header},
};
use kaiwa_shared::Code;
use url::Url;

use super::{ApiError, cookie, peer::Peer};
use crate::settings::server::ServerSettings;

/// Refuses a request that changes something and that another site caused.
pub(crate) fn check(request: &HttpRequest, settings: &ServerSettings) -> Result<(), ApiError> {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if harmless || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let allowed = match (text("sec-fetch-site"), text("origin")) {
        // `none` is an address typed by hand, which no page can fake.
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_own(origin, &Peer::of(request, settings), settings),
        // Neither: no browser of this decade. Only a stolen ride on a cookie would be dangerous.
        (None, None) => cookie::token(request).is_none(),
    };
    if allowed {
        return Ok(());
    }
    Err(ApiError::new(
        Code::CrossSite,
        "Another site caused this request. Use Kaiwa's own page, or an access token in `Authorization`.",
    ))
}

fn is_own(origin: &str, peer: &Peer, settings: &ServerSettings) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    if settings.site_url.as_ref().is_some_and(|site| site.origin() == origin.origin()) {
        return true;
    }
    let Ok(own) = Url::parse(&format!("{}://{}", origin.scheme(), peer.host)) else { return false };
    own.origin() == origin.origin()
}
