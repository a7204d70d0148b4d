//! `GET /api/messages/{id}/subtree`

use actix_web::web::{Data, Json};
use kaiwa_shared::{MessageId, Problem, conversation::Subtree};

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Returns what deleting a message would remove.
#[utoipa::path(
    get,
    path = "/api/messages/{id}/subtree",
    tag = "messages",
    params(("id" = MessageId, Path)),
    responses((status = 200, body = Subtree), (status = 404, body = Problem))
)]
pub(crate) async fn get_subtree(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<MessageId>,
) -> Result<Json<Subtree>, ApiError> {
    let subtree = state.store.read().await?.messages().subtree(user.user_id(), id).await?;
    subtree.map(Json).ok_or_else(ApiError::not_found)
}
