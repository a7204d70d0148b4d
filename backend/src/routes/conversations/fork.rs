//! `POST /api/conversations/{id}/fork`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{Conversation, ForkConversation},
};

use crate::{
    http::{ApiError, Body, Id, SignedIn},
    state::AppState,
};

/// Creates a conversation with a copy of the branch down to a message. A running reply is copied as far as it has been
/// written and marked as interrupted.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/fork",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    request_body = ForkConversation,
    responses((status = 201, body = Conversation), (status = 404, body = Problem))
)]
pub(crate) async fn fork_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    body: Body<ForkConversation>,
) -> Result<HttpResponse, ApiError> {
    let forked = state.engine.conversations().fork(user.user_id(), id, body.message_id).await?;
    Ok(HttpResponse::Created().json(forked.ok_or_else(ApiError::not_found)?))
}
