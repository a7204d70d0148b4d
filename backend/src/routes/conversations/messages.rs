//! `GET /api/conversations/{id}/messages`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{ListMessages, Transcript},
    message::Status,
};
use kaiwa_store::chat::Branch;

use super::parse_limit;
use crate::{
    http::{ApiError, Id, Query, SignedIn},
    state::AppState,
};

/// Returns the latest messages of the shown branch in chronological order, or those before `before`.
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
    let mut tx = state.store.read().await?;
    let conversation = tx.conversations().find(owner, id).await?.ok_or_else(ApiError::not_found)?;
    let branch = match conversation.active_leaf_id {
        Some(leaf) => tx.messages().branch(owner, id, leaf, query.before, limit).await?,
        None => Branch { messages: Vec::new(), has_earlier: false },
    };
    let last = branch.messages.last().filter(|_| query.before.is_none());
    // Taken from the message itself, so that a reply is never both finished and running.
    let running = last.filter(|last| last.status == Status::Streaming).and_then(|last| last.generation_id);
    let mut parallel = match last {
        Some(last) => tx.messages().parallel_replies(owner, last.id).await?,
        None => Vec::new(),
    };
    for other in &mut parallel {
        other.siblings = last.map(|last| last.siblings.clone()).unwrap_or_default();
    }
    let queued = tx.queue().list(owner, id).await?;
    let Branch { messages, has_earlier } = branch;
    Ok(Json(Transcript { conversation, messages, has_earlier, running, parallel, queued }))
}
