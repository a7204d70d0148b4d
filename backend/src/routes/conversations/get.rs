//! `GET /api/conversations/{id}`

use actix_web::web::{Data, Json};
use kaiwa_shared::{ConversationId, Problem, conversation::ConversationDetails};

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Returns a conversation and its settings, without its messages.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    responses((status = 200, body = ConversationDetails), (status = 404, body = Problem))
)]
pub(crate) async fn get_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
) -> Result<Json<ConversationDetails>, ApiError> {
    let found = state.store.read().await?.conversations().find_details(user.user_id(), id).await?;
    found.map(Json).ok_or_else(ApiError::not_found)
}
