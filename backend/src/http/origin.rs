//! Refuses writes that another site causes a browser to send.
//!
//! Browsers report where a request comes from, in `Sec-Fetch-Site` or, over plain HTTP, in `Origin`. A request with an
//! `Authorization` header is exempt: its cookie is ignored.

use actix_web::{
    HttpRequest,
    http::{Method, header},
};
use kaiwa_shared::Code;
use url::Url;

use super::{ApiError, cookie, peer::Peer};
use crate::settings::server::ServerSettings;

/// Refuses a write that another site caused.
pub(crate) fn check(request: &HttpRequest, settings: &ServerSettings) -> Result<(), ApiError> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if is_read || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let allowed = match (text("sec-fetch-site"), text("origin")) {
        // `none` is an address that the user typed; no page can send it.
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_own(origin, &Peer::of(request, settings), settings),
        // No current browser omits both. Without a cookie there is nothing to abuse.
        (None, None) => cookie::token(request).is_none(),
    };
    if allowed {
        return Ok(());
    }
    Err(ApiError::new(
        Code::CrossSite,
        "Another site caused this request. Use Kaiwa's own page, or send an access token in `Authorization`.",
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
