//! `PATCH /api/messages/{id}`

use actix_web::web::{Data, Json};
use kaiwa_engine::SendError;
use kaiwa_shared::{MessageId, Problem, conversation::EditMessage, message::Message};
use kaiwa_store::chat::EditOutcome;

use crate::{
    http::{ApiError, Body, Id, SignedIn},
    routes::chat::check_content,
    state::AppState,
};

/// Changes the content of a message, without a new branch or a new reply.
#[utoipa::path(
    patch,
    path = "/api/messages/{id}",
    tag = "messages",
    params(("id" = MessageId, Path)),
    request_body = EditMessage,
    responses(
        (status = 200, body = Message),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn edit_message(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<MessageId>,
    body: Body<EditMessage>,
) -> Result<Json<Message>, ApiError> {
    check_content(&body.content)?;
    let owner = user.user_id();
    match state.engine.conversations().edit(owner, id, &body.content).await? {
        EditOutcome::Edited(conversation) => {
            let branch =
                state.store.read().await?.messages().branch(owner, conversation, id, None, 1).await?;
            branch.messages.into_iter().next().map(Json).ok_or_else(ApiError::not_found)
        }
        EditOutcome::Busy(running) => Err(SendError::Busy(running).into()),
        EditOutcome::NoMessage => Err(ApiError::not_found()),
        EditOutcome::NoFile => Err(SendError::FileNotFound.into()),
    }
}
