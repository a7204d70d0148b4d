//! `DELETE /api/conversations/{id}/queue/{client_message_id}`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{ClientMessageId, ConversationId, Problem};

use crate::{
    http::{ApiError, Id, SignedIn, SubId},
    state::AppState,
};

/// Removes a message from the queue.
#[utoipa::path(
    delete,
    path = "/api/conversations/{id}/queue/{client_message_id}",
    tag = "conversations",
    params(("id" = ConversationId, Path), ("client_message_id" = ClientMessageId, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn delete_queued_message(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    SubId(message): SubId<ClientMessageId>,
) -> Result<HttpResponse, ApiError> {
    if state.engine.conversations().remove_queued(user.user_id(), id, message).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::not_found())
    }
}
