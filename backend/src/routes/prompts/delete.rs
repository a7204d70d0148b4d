//! `DELETE /api/prompts/{id}`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{Problem, PromptId};

use super::publish;
use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Deletes a saved prompt.
#[utoipa::path(
    delete,
    path = "/api/prompts/{id}",
    tag = "prompts",
    params(("id" = PromptId, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn delete_prompt(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<PromptId>,
) -> Result<HttpResponse, ApiError> {
    let mut tx = state.store.begin().await?;
    let existed = tx.prompts().delete(user.user_id(), id).await?;
    tx.commit().await?;
    if !existed {
        return Err(ApiError::not_found());
    }
    publish(&state, user.user_id());
    Ok(HttpResponse::NoContent().finish())
}
