//! `GET /api/conversations/{id}/messages`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{ListMessages, Transcript},
};
use kaiwa_store::messages::Branch;

use super::parse_limit;
use crate::{
    http::{ApiError, Id, Query, SignedIn},
    state::AppState,
};

/// The newest messages of the shown branch, oldest first, or those above `before`.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = ConversationId, Path), ListMessages),
    responses((status = 200, body = Transcript), (status = 404, body = Problem))
)]
pub(crate) async fn list_messages(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    query: Query<ListMessages>,
) -> Result<Json<Transcript>, ApiError> {
    let limit = parse_limit(query.limit)?;
    let owner = user.user_id();
    // What runs is asked first: a reply that ends in between is then shown as ended and never as running.
    let running = state.store.generations().running(owner, id).await?;
    let conversation = state.store.conversations().find(owner, id).await?.ok_or_else(ApiError::not_found)?;
    let branch = match conversation.active_leaf_id {
        Some(leaf) => state.store.messages().branch(owner, id, leaf, query.before, limit).await?,
        None => Branch { messages: Vec::new(), has_earlier: false },
    };
    Ok(Json(Transcript {
        conversation,
        messages: branch.messages,
        has_earlier: branch.has_earlier,
        running: running.map(|generation| generation.id),
        beside: Vec::new(),
        queued: Vec::new(),
    }))
}
