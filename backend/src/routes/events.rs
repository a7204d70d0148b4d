//! `GET /api/events`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{Problem, feed::FeedEvent};

use super::endpoints::endpoints;
use crate::{
    http::{ApiError, SignedIn, sse},
    state::AppState,
};

endpoints![follow_events];

/// Streams the changes in the user's conversations and saved prompts, after a first event `ready`.
///
/// Each open page has one such stream. It does not repeat earlier events: a page that reconnects reloads what it shows.
/// A reader that falls too far behind is disconnected.
#[utoipa::path(
    get,
    path = "/api/events",
    tag = "conversations",
    responses(
        (status = 200, description = "Server-sent events", body = FeedEvent, content_type = "text/event-stream"),
        (status = 401, body = Problem),
        (status = 429, description = "Too many streams are open", body = Problem)
    )
)]
pub(crate) async fn follow_events(state: Data<AppState>, user: SignedIn) -> Result<HttpResponse, ApiError> {
    let permit = state.open_responses.stream(user.user_id()).await?;
    let listener = state.engine.feed().listen(user.user_id()).await;
    Ok(sse::respond(listener, &user.0, permit))
}
