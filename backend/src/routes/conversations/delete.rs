//! `DELETE /api/conversations/{id}`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{ConversationId, Problem};

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Deletes a conversation with all its messages, and stops its running replies.
#[utoipa::path(
    delete,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn delete_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
) -> Result<HttpResponse, ApiError> {
    if !state.engine.conversations().delete(user.user_id(), id).await? {
        return Err(ApiError::not_found());
    }
    Ok(HttpResponse::NoContent().finish())
}
