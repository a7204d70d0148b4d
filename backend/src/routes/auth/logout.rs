//! `POST /api/auth/logout`

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web::Data};
use kaiwa_shared::{Code, Problem, SessionId};

use crate::{
    http::{ApiError, SignedIn, cookie},
    state::AppState,
};

/// Ends the session and its open streams, and every other session whose cookie the browser holds.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "auth",
    responses((status = 204), (status = 401, body = Problem))
)]
pub(crate) async fn logout(
    request: HttpRequest,
    state: Data<AppState>,
    user: Result<SignedIn, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let mut sessions: Vec<SessionId> = user.iter().map(|user| user.0.id).collect();
    // The browser may hold two cookies, one from when it used the other scheme.
    for token in cookie::all_tokens(&request) {
        sessions.extend(state.sessions.check(&token).await?.map(|session| session.id));
    }
    if sessions.is_empty() {
        return user.map(|_| HttpResponse::NoContent().finish());
    }
    if let Err(error) = user
        && error.code() != Code::NotSignedIn
    {
        return Err(error);
    }
    sessions.sort_unstable();
    sessions.dedup();
    for session in sessions {
        state.sessions.close(session).await?;
    }
    let mut response = HttpResponse::NoContent();
    for cookie in cookie::forget() {
        response.cookie(cookie);
    }
    // The next user of this browser must not see what it cached for this account.
    response.insert_header((HeaderName::from_static("clear-site-data"), "\"cache\""));
    Ok(response.finish())
}
