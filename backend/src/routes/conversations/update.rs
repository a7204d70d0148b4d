//! `PATCH /api/conversations/{id}`

use actix_web::web::{Data, Json};
use kaiwa_engine::SendError;
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{Conversation, UpdateConversation},
    feed::{ConversationChanged, FeedEvent},
};

use super::parse_title;
use crate::{
    http::{ApiError, Body, Id, SignedIn},
    state::AppState,
};

/// Changes a conversation's title or model.
#[utoipa::path(
    patch,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    request_body = UpdateConversation,
    responses(
        (status = 200, body = Conversation),
        (status = 404, body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn update_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    Body(body): Body<UpdateConversation>,
) -> Result<Json<Conversation>, ApiError> {
    if let Some(model) = &body.model {
        check_model(&state, model)?;
    }
    let change =
        UpdateConversation { title: body.title.as_deref().map(parse_title).transpose()?, model: body.model };
    let updated = state.store.conversations().update(user.user_id(), id, &change).await?;
    let conversation = updated.ok_or_else(ApiError::not_found)?;
    let event = FeedEvent::Conversation(ConversationChanged { conversation: conversation.clone() });
    state.engine.announce(user.user_id(), &event);
    Ok(Json(conversation))
}

/// Refuses a model that is not available.
pub(super) fn check_model(state: &AppState, model: &str) -> Result<(), ApiError> {
    match state.engine.catalog().find(model) {
        Some(_) => Ok(()),
        None => Err(SendError::ModelNotFound(model.to_owned()).into()),
    }
}
