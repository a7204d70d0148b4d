//! `POST /api/conversations`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{ConversationDetails, CreateConversation},
};

use super::{check_model, check_settings, parse_title, publish};
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
    responses((status = 201, body = ConversationDetails), (status = 422, body = Problem))
)]
pub(crate) async fn create_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Body(body): Body<CreateConversation>,
) -> Result<HttpResponse, ApiError> {
    let title = body.title.as_deref().map(parse_title).transpose()?;
    if let Some(model) = &body.model {
        check_model(&state, model)?;
    }
    check_settings(body.system_prompt.as_deref(), Some(&body.options))?;
    let new = CreateConversation { title, ..body };
    let mut tx = state.store.begin().await?;
    let created =
        tx.conversations().create(user.user_id(), ConversationId::new(), &new, state.clock.now()).await?;
    tx.commit().await?;
    publish(&state, user.user_id(), &created);
    Ok(HttpResponse::Created().json(created))
}
