//! `GET /api/conversations/{id}/messages`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    ConversationId, MessageId, Problem, UserId,
    conversation::{ConversationDetails, ListMessages, Transcript},
    message::Status,
};
use kaiwa_store::{
    Store,
    chat::{Branch, PageLimit},
};

use super::parse_limit;
use crate::{
    http::{
        ApiError, Id, Query, SignedIn,
        open_responses::{self, off_thread},
    },
    state::AppState,
};

/// Maximum number of messages of a page.
const PAGE_MESSAGES: u32 = 1000;
/// Maximum size of the messages of a page, in bytes as they are stored. A page has at least one message.
const PAGE_BYTES: u64 = 1024 * 1024;

/// Returns the latest messages of the shown branch in chronological order, or those before `before`.
///
/// A page of large messages has fewer of them than `limit`; `has_earlier` says whether there are more.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = ConversationId, Path), ListMessages),
    responses((status = 200, body = Transcript), (status = 404, body = Problem), (status = 429, description = "Too many large responses are unread", body = Problem))
)]
pub(crate) async fn list_messages(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    query: Query<ListMessages>,
) -> Result<HttpResponse, ApiError> {
    let limit = PageLimit { messages: parse_limit(query.limit, PAGE_MESSAGES)?, bytes: PAGE_BYTES };
    let (owner, before) = (user.user_id(), query.before);
    let slot = state.open_responses.large(owner).await?;
    let store = state.store.clone();
    let page = off_thread(async move {
        let page = read_page(&store, owner, id, before, limit).await?;
        serde_json::to_vec(&page).map_err(ApiError::internal)
    });
    Ok(open_responses::respond("application/json", page.await?.into(), slot))
}

async fn read_page(
    store: &Store,
    owner: UserId,
    id: ConversationId,
    before: Option<MessageId>,
    limit: PageLimit,
) -> Result<Transcript, ApiError> {
    let mut tx = store.read().await?;
    let details = tx.conversations().find_details(owner, id).await?.ok_or_else(ApiError::not_found)?;
    let ConversationDetails { conversation, settings } = details;
    let branch = match conversation.active_leaf_id {
        Some(leaf) => tx.messages().branch(owner, id, leaf, before, limit).await?,
        None => Branch { messages: Vec::new(), has_earlier: false },
    };
    let last = branch.messages.last().filter(|_| before.is_none());
    // Taken from the message itself, so that a reply is never both finished and running.
    let running = last.filter(|last| last.status == Status::Streaming).and_then(|last| last.generation_id);
    let mut parallel = match last {
        Some(last) => tx.messages().parallel_replies(owner, last.id, limit.bytes).await?,
        None => Vec::new(),
    };
    for other in &mut parallel {
        other.siblings = last.map(|last| last.siblings.clone()).unwrap_or_default();
    }
    let queued = tx.queue().list(owner, id).await?;
    let Branch { messages, has_earlier } = branch;
    Ok(Transcript { conversation, settings, messages, has_earlier, running, parallel, queued })
}
