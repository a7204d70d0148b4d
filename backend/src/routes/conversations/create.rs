//! `POST /api/conversations`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{Conversation, CreateConversation},
    feed::{ConversationChanged, FeedEvent},
};

use super::parse_title;
use crate::{
    http::{ApiError, Body, SignedIn},
    state::AppState,
};

/// Creates an empty conversation. Sending a message without a conversation creates one, too.
#[utoipa::path(
    post,
    path = "/api/conversations",
    tag = "conversations",
    request_body = CreateConversation,
    responses((status = 201, body = Conversation), (status = 422, body = Problem))
)]
pub(crate) async fn create_conversation(
    state: Data<AppState>,
    user: SignedIn,
    body: Body<CreateConversation>,
) -> Result<HttpResponse, ApiError> {
    let title = body.title.as_deref().map(parse_title).transpose()?;
    if let Some(model) = &body.model {
        super::update::check_model(&state, model)?;
    }
    let conversation = state
        .store
        .conversations()
        .create(
            user.user_id(),
            ConversationId::new(),
            title.as_deref(),
            body.model.as_deref(),
            state.clock.now(),
        )
        .await?;
    let event = FeedEvent::Conversation(ConversationChanged { conversation: conversation.clone() });
    state.engine.announce(user.user_id(), &event);
    Ok(HttpResponse::Created().json(conversation))
}
