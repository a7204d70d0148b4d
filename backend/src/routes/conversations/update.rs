//! `PATCH /api/conversations/{id}`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{ConversationDetails, UpdateConversation},
};

use super::{check_model, check_settings, parse_title, publish};
use crate::{
    http::{ApiError, Body, Id, SignedIn},
    state::AppState,
};

/// Changes a conversation's title, model, system prompt or default options.
#[utoipa::path(
    patch,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    request_body = UpdateConversation,
    responses(
        (status = 200, body = ConversationDetails),
        (status = 404, body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn update_conversation(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    Body(body): Body<UpdateConversation>,
) -> Result<Json<ConversationDetails>, ApiError> {
    if let Some(model) = &body.model {
        check_model(&state, model)?;
    }
    check_settings(body.system_prompt.as_deref(), body.options.as_ref())?;
    let title = body.title.as_deref().map(parse_title).transpose()?;
    let change = UpdateConversation { title, ..body };
    let mut tx = state.store.begin().await?;
    let updated = tx.conversations().update(user.user_id(), id, &change).await?;
    tx.commit().await?;
    let updated = updated.ok_or_else(ApiError::not_found)?;
    publish(&state, user.user_id(), &updated);
    Ok(Json(updated))
}
