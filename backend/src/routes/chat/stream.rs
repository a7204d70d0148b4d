//! `POST /api/chat/stream`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    Problem,
    stream::{CONTENT_MAX_BYTES, SendMessage, StreamEvent},
};

use crate::{
    http::{ApiError, Body, SignedIn, sse},
    state::AppState,
};

/// Stores a message and streams the reply.
///
/// The message is committed before the first event, `created`. The reply goes on when the connection is lost; come
/// back by `GET /api/generations/{id}/events`. The same `client_message_id` again answers with the same generation.
#[utoipa::path(
    post,
    path = "/api/chat/stream",
    tag = "chat",
    request_body = SendMessage,
    responses(
        (status = 200, description = "Server-sent events", body = StreamEvent, content_type = "text/event-stream"),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn send_message(
    state: Data<AppState>,
    user: SignedIn,
    Body(message): Body<SendMessage>,
) -> Result<HttpResponse, ApiError> {
    check_content(&message.content)?;
    let listener = state.engine.send(user.user_id(), message).await?;
    Ok(sse::respond(listener, user.0.revoked))
}

fn check_content(content: &str) -> Result<(), ApiError> {
    if content.trim().is_empty() {
        return Err(ApiError::invalid("content", "required", "A message needs some text."));
    }
    if content.len() > CONTENT_MAX_BYTES {
        let kib = CONTENT_MAX_BYTES / 1024;
        return Err(ApiError::invalid(
            "content",
            "too_long",
            format!("A message may have at most {kib} KiB."),
        ));
    }
    if content.contains('\0') {
        return Err(ApiError::invalid(
            "content",
            "malformed",
            "A message may not contain the character U+0000.",
        ));
    }
    Ok(())
}
