//! `GET /api/generations/{id}/events`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_shared::{GenerationId, Problem, stream::StreamEvent};

use crate::{
    http::{
        ApiError, Id, SignedIn,
        open_responses::{self, off_thread},
        sse,
    },
    state::AppState,
};

/// Streams a generation: first a `snapshot` of the reply so far, then its events.
///
/// With `Last-Event-ID`, the stream starts after that event instead, or with a snapshot if the event is no longer kept.
/// The stream of a finished generation is its snapshot and its `end`.
#[utoipa::path(
    get,
    path = "/api/generations/{id}/events",
    tag = "chat",
    params(("id" = GenerationId, Path), ("Last-Event-ID" = Option<u64>, Header)),
    responses(
        (status = 200, description = "Server-sent events", body = StreamEvent, content_type = "text/event-stream"),
        (status = 404, body = Problem),
        (status = 429, description = "Too many streams are open, or too many large responses unread", body = Problem)
    )
)]
pub(crate) async fn follow_generation(
    request: HttpRequest,
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<GenerationId>,
) -> Result<HttpResponse, ApiError> {
    // An id that is not a number is not ours, so the stream starts from the beginning.
    let after =
        request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let (owner, responses) = (user.user_id(), &state.open_responses);
    let permit = responses.stream(owner).await?;
    if let Some(listener) = state.engine.generations().attach_running(owner, id, after) {
        return Ok(sse::respond(listener, &user.0, permit));
    }
    let slot = responses.large(owner).await?;
    let generations = state.engine.generations().clone();
    let listener = off_thread(async move { Ok(generations.attach(owner, id, after).await?) }).await?;
    let listener = listener.ok_or_else(ApiError::not_found)?;
    match listener.stored() {
        Ok(events) => Ok(open_responses::respond(sse::CONTENT_TYPE, events, slot)),
        Err(listener) => Ok(sse::respond(listener, &user.0, permit)),
    }
}
