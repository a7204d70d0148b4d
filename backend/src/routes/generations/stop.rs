//! `POST /api/generations/{id}/stop`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{GenerationId, Problem};

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Stops a generation and keeps what has been written. A finished generation does not change.
#[utoipa::path(
    post,
    path = "/api/generations/{id}/stop",
    tag = "chat",
    params(("id" = GenerationId, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn stop_generation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<GenerationId>,
) -> Result<HttpResponse, ApiError> {
    if state.engine.generations().stop(user.user_id(), id).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::not_found())
    }
}
