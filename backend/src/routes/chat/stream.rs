//! `POST /api/chat/stream`

use actix_web::{HttpResponse, web::Data};
use kaiwa_engine::Sent;
use kaiwa_shared::{
    Problem,
    conversation::QueuedMessage,
    stream::{SendMessage, StreamEvent},
};

use super::input;
use crate::{
    http::{ApiError, Body, SignedIn, open_responses, sse},
    state::AppState,
};

/// Stores a message and streams the reply, regenerates a reply, or continues one.
///
/// The message is committed before the first event, `created`. The reply continues if the connection is lost; resume it
/// with `GET /api/generations/{id}/events`. Repeating a `client_message_id` returns the same generation. With `queue`,
/// a message that arrives during a running reply is queued and sent when that reply has completed. With `temporary`,
/// nothing is stored.
#[utoipa::path(
    post,
    path = "/api/chat/stream",
    tag = "chat",
    request_body = SendMessage,
    responses(
        (status = 200, description = "Server-sent events", body = StreamEvent, content_type = "text/event-stream"),
        (status = 202, description = "Queued until the running reply has completed", body = QueuedMessage),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub(crate) async fn send_message(
    state: Data<AppState>,
    user: SignedIn,
    Body(message): Body<SendMessage>,
) -> Result<HttpResponse, ApiError> {
    input::check(&message)?;
    let owner = user.user_id();
    let permit = state.open_responses.stream(owner).await?;
    match state.engine.conversations().send(owner, message).await? {
        Sent::Stream(listener) => match listener.stored() {
            // A repeat of a message whose reply has ended.
            Ok(events) => {
                let slot = state.open_responses.large(owner).await?;
                Ok(open_responses::respond(sse::CONTENT_TYPE, events, slot))
            }
            Err(listener) => Ok(sse::respond(listener, &user.0, permit)),
        },
        Sent::Queued(message) => Ok(HttpResponse::Accepted().json(message)),
    }
}
