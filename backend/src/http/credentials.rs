//! The credentials of a request.
//!
//! Only what is meant for Kaiwa counts. A proxy in front may have its own use for `Authorization`, and other programs on
//! the same host have cookies of their own.

use actix_web::{HttpRequest, http::header};

use super::{ApiError, cookie, peer::Peer};
use crate::{
    sessions::{Sessions, ValidSession},
    state::AppState,
};
use kaiwa_shared::Code;

/// The access token of ours in `Authorization`, if there is one.
pub(crate) fn bearer(request: &HttpRequest, sessions: &Sessions) -> Option<String> {
    let values = request.headers().get_all(header::AUTHORIZATION).filter_map(|value| value.to_str().ok());
    let tokens = values.filter_map(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    tokens.filter(|token| sessions.is_ours(token)).map(str::to_owned).next()
}

/// The valid session of a request, and whether it comes from a cookie.
///
/// # Errors
///
/// If the token in `Authorization` and the cookie belong to different accounts.
pub(crate) async fn session(
    request: &HttpRequest,
    state: &AppState,
) -> Result<Option<(ValidSession, bool)>, ApiError> {
    let peer = Peer::of(request, &state.settings.server);
    let mut from_cookie = None;
    for token in cookie::tokens(request, &peer) {
        from_cookie = state.sessions.check(&token).await?;
        if from_cookie.is_some() {
            break;
        }
    }
    let Some(token) = bearer(request, &state.sessions) else {
        return Ok(from_cookie.map(|session| (session, true)));
    };
    let Some(session) = state.sessions.check(&token).await? else { return Ok(None) };
    if from_cookie.is_some_and(|other| other.user.id != session.user.id) {
        return Err(ApiError::new(
            Code::BadRequest,
            "The access token and the cookie belong to different accounts. Send only one of them.",
        ));
    }
    Ok(Some((session, false)))
}
