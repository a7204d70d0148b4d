//! `GET /api/conversations`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    Problem,
    conversation::{Conversation, ListConversations, Page},
};

use super::parse_limit;
use crate::{
    http::{ApiError, Query, SignedIn},
    state::AppState,
};

/// Returns a page of the user's conversations, the last changed first.
#[utoipa::path(
    get,
    path = "/api/conversations",
    tag = "conversations",
    params(ListConversations),
    responses((status = 200, body = Page<Conversation>), (status = 401, body = Problem))
)]
pub(crate) async fn list_conversations(
    state: Data<AppState>,
    user: SignedIn,
    query: Query<ListConversations>,
) -> Result<Json<Page<Conversation>>, ApiError> {
    let limit = parse_limit(query.limit, 100)?;
    let wanted = query.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut tx = state.store.read().await?;
    Ok(Json(tx.conversations().list(user.user_id(), wanted, query.after.as_deref(), limit).await?))
}
