//! Refuses writes that another site causes a browser to send.
//!
//! Browsers report where a request comes from, in `Sec-Fetch-Site` or, over plain HTTP, in `Origin`. A request with one of
//! our access tokens in `Authorization` is exempt: no page of another site can send one.

use actix_web::{
    HttpRequest,
    http::{Method, header},
};
use kaiwa_shared::Code;
use url::Url;

use super::{ApiError, cookie, credentials, peer::Peer};
use crate::{settings::server::ServerSettings, state::AppState};

/// Refuses a write that another site caused.
pub(crate) fn check(request: &HttpRequest, state: &AppState) -> Result<(), ApiError> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read || credentials::bearer(request, &state.sessions).is_some() {
        return Ok(());
    }
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        // `none` is an address that the user typed; no page can send it.
        (Some("same-origin" | "none"), _) => Ok(()),
        (Some(_), _) => Err(refused("Another site caused this request.")),
        (None, Some(origin)) => check_origin(request, origin, &state.settings.server),
        // No current browser omits both. Without a cookie there is nothing to abuse.
        (None, None) if cookie::all_tokens(request).is_empty() => Ok(()),
        (None, None) => Err(refused("This request does not say where it comes from.")),
    }
}

fn check_origin(request: &HttpRequest, origin: &str, settings: &ServerSettings) -> Result<(), ApiError> {
    let hosts = Peer::of(request, settings).hosts;
    let Some(origin) = Url::parse(origin).ok().filter(Url::has_host) else {
        return Err(refused("Another site caused this request."));
    };
    let site = settings.site_url.as_ref();
    let own = |host: &String| Url::parse(&format!("{}://{host}", origin.scheme())).ok();
    if site
        .into_iter()
        .cloned()
        .chain(hosts.iter().filter_map(own))
        .any(|own| own.origin() == origin.origin())
    {
        return Ok(());
    }
    let origin = origin.origin().ascii_serialization();
    let requested = hosts.iter().filter_map(own).map(|own| own.origin().ascii_serialization());
    let requested = requested.collect::<Vec<_>>().join(", ");
    tracing::warn!(
        origin,
        requested,
        "a write was refused: the page's address differs from the requested one. If a proxy changes the address, set \
         SITE_URL to the one in the browser"
    );
    Err(refused(&format!(
        "The page is at `{origin}`, but the request asked for `{requested}`. If `{origin}` is Kaiwa's address, set \
         SITE_URL={origin} on the server."
    )))
}

fn refused(reason: &str) -> ApiError {
    let advice = "Use Kaiwa's own page, or send an access token in `Authorization`.";
    ApiError::new(Code::CrossSite, format!("{reason} {advice}"))
}
