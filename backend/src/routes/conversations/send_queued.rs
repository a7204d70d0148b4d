//! `POST /api/conversations/{id}/queue/{client_message_id}/send`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{ClientMessageId, ConversationId, Problem, stream::Started};

use crate::{
    http::{ApiError, Id, SignedIn, SubId},
    state::AppState,
};

/// Sends a queued message now, at the end of the shown branch. Follow the reply with its generation's events.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/queue/{client_message_id}/send",
    tag = "conversations",
    params(("id" = ConversationId, Path), ("client_message_id" = ClientMessageId, Path)),
    responses(
        (status = 202, body = Started),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub(crate) async fn send_queued_message(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    SubId(message): SubId<ClientMessageId>,
) -> Result<HttpResponse, ApiError> {
    let started = state.engine.conversations().send_queued(user.user_id(), id, message).await?;
    Ok(HttpResponse::Accepted().json(started))
}
