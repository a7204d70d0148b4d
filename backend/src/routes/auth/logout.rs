//! `POST /api/auth/logout`

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web::Data};
use kaiwa_shared::Problem;

use crate::{
    http::{ApiError, SignedIn, cookie, peer::Peer},
    state::AppState,
};

/// Ends the session and its open streams.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "auth",
    responses((status = 204), (status = 401, body = Problem))
)]
pub(crate) async fn logout(
    request: HttpRequest,
    state: Data<AppState>,
    user: SignedIn,
) -> Result<HttpResponse, ApiError> {
    state.sessions.close(user.0.id).await?;
    let peer = Peer::of(&request, &state.settings.server);
    Ok(HttpResponse::NoContent()
        .cookie(cookie::forget(&peer))
        // The next user of this browser must not see what it cached for this account.
        .insert_header((HeaderName::from_static("clear-site-data"), "\"cache\""))
        .finish())
}
