//! `PATCH /api/prompts/{id}`

use actix_web::web::{Data, Json};
use kaiwa_shared::{
    Problem, PromptId,
    prompts::{Prompt, UpdatePrompt},
};

use super::{check, publish, stored};
use crate::{
    http::{ApiError, Body, Id, SignedIn},
    state::AppState,
};

/// Changes a saved prompt's name or text.
#[utoipa::path(
    patch,
    path = "/api/prompts/{id}",
    tag = "prompts",
    params(("id" = PromptId, Path)),
    request_body = UpdatePrompt,
    responses(
        (status = 200, body = Prompt),
        (status = 404, body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn update_prompt(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<PromptId>,
    Body(body): Body<UpdatePrompt>,
) -> Result<Json<Prompt>, ApiError> {
    let name = check(body.name.as_deref(), body.text.as_deref())?;
    let change = UpdatePrompt { name, ..body };
    let mut tx = state.store.begin().await?;
    let outcome = tx.prompts().update(user.user_id(), id, &change, state.clock.now()).await?;
    let prompt = stored(outcome)?;
    tx.commit().await?;
    publish(&state, user.user_id());
    Ok(Json(prompt))
}
