//! `DELETE /api/messages/{id}`

use actix_web::web::{Data, Json};
use kaiwa_shared::{MessageId, Problem, conversation::Subtree};

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Deletes a message and everything below it, including hidden branches. Running replies there are stopped.
#[utoipa::path(
    delete,
    path = "/api/messages/{id}",
    tag = "messages",
    params(("id" = MessageId, Path)),
    responses((status = 200, body = Subtree), (status = 404, body = Problem))
)]
pub(crate) async fn delete_message(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<MessageId>,
) -> Result<Json<Subtree>, ApiError> {
    let gone = state.engine.conversations().delete_message(user.user_id(), id).await?;
    gone.map(Json).ok_or_else(ApiError::not_found)
}
