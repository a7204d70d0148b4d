//! `POST /api/auth/refresh`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_shared::{Problem, auth::Session};

use super::with_session;
use crate::{
    http::{ApiError, SignedIn},
    state::AppState,
};

/// Issues a new token for the same session. For programs: a browser's cookie is renewed automatically.
#[utoipa::path(
    post,
    path = "/api/auth/refresh",
    tag = "auth",
    responses((status = 200, body = Session), (status = 401, body = Problem))
)]
pub(crate) async fn refresh(
    request: HttpRequest,
    state: Data<AppState>,
    user: SignedIn,
) -> Result<HttpResponse, ApiError> {
    let session = state.sessions.refresh(&user.0).await?;
    Ok(with_session(HttpResponse::Ok(), &request, &state, session))
}
