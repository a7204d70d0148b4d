//! `GET /api/generations/{id}/events`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_shared::{GenerationId, Problem, stream::StreamEvent};

use crate::{
    http::{ApiError, Id, SignedIn, sse},
    state::AppState,
};

/// Follows a generation: first a `snapshot` of what there is, then what comes.
///
/// With `Last-Event-ID` the events after that one follow instead, or a snapshot where they are no longer kept. A
/// generation that is over answers with its snapshot and its `end`.
#[utoipa::path(
    get,
    path = "/api/generations/{id}/events",
    tag = "chat",
    params(("id" = GenerationId, Path), ("Last-Event-ID" = Option<u64>, Header)),
    responses(
        (status = 200, description = "Server-sent events", body = StreamEvent, content_type = "text/event-stream"),
        (status = 404, body = Problem)
    )
)]
pub(crate) async fn follow_generation(
    request: HttpRequest,
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<GenerationId>,
) -> Result<HttpResponse, ApiError> {
    // An id that is no number is none of ours: whoever sends it gets everything.
    let after =
        request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let listener = state.engine.attach(user.user_id(), id, after).await?.ok_or_else(ApiError::not_found)?;
    Ok(sse::respond(listener, user.0.revoked))
}
