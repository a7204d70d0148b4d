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
    http::{ApiError, Body, SignedIn, sse},
    state::AppState,
};

/// Stores a message and streams the reply; or writes another reply beside one, or more of one.
///
/// The message is committed before the first event, `created`. The reply goes on when the connection is lost; come
/// back by `GET /api/generations/{id}/events`. The same `client_message_id` again answers with the same generation.
/// With `queue`, a message for which a running reply leaves no place is kept and sent when that reply has ended whole.
/// With `temporary`, nothing is stored at all.
#[utoipa::path(
    post,
    path = "/api/chat/stream",
    tag = "chat",
    request_body = SendMessage,
    responses(
        (status = 200, description = "Server-sent events", body = StreamEvent, content_type = "text/event-stream"),
        (status = 202, description = "Kept until the running reply has ended", body = QueuedMessage),
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
    match state.engine.send(user.user_id(), message).await? {
        Sent::Stream(listener) => Ok(sse::respond(listener, user.0.revoked)),
        Sent::Queued(message) => Ok(HttpResponse::Accepted().json(message)),
    }
}
