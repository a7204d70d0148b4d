//! `POST /api/conversations/{id}/show`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    ConversationId, Problem,
    conversation::{Conversation, ShowMessage},
};

use crate::{
    http::{ApiError, Body, Id, SignedIn},
    state::AppState,
};

/// Switches to the branch that contains a message, down to the leaf that was shown last.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/show",
    tag = "conversations",
    params(("id" = ConversationId, Path)),
    request_body = ShowMessage,
    responses((status = 200, body = Conversation), (status = 404, body = Problem))
)]
pub(crate) async fn show_message(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<ConversationId>,
    body: Body<ShowMessage>,
) -> Result<Json<Conversation>, ApiError> {
    let shown = state.engine.conversations().show(user.user_id(), id, body.message_id).await?;
    shown.map(Json).ok_or_else(ApiError::not_found)
}
