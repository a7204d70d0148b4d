//! `POST /api/prompts`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{
    Problem, PromptId,
    prompts::{CreatePrompt, Prompt},
};

use super::{check, publish, stored};
use crate::{
    http::{ApiError, Body, SignedIn},
    state::AppState,
};

/// Saves a prompt under a name that no other prompt of the account has.
#[utoipa::path(
    post,
    path = "/api/prompts",
    tag = "prompts",
    request_body = CreatePrompt,
    responses(
        (status = 201, body = Prompt),
        (status = 409, description = "The name is taken, or there are too many prompts", body = Problem),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn create_prompt(
    state: Data<AppState>,
    user: SignedIn,
    Body(body): Body<CreatePrompt>,
) -> Result<HttpResponse, ApiError> {
    let name = check(Some(&body.name), Some(&body.text))?.unwrap_or_default();
    let new = CreatePrompt { name, ..body };
    let mut tx = state.store.begin().await?;
    let outcome = tx.prompts().create(user.user_id(), PromptId::new(), &new, state.clock.now()).await?;
    let prompt = stored(outcome)?;
    tx.commit().await?;
    publish(&state, user.user_id());
    Ok(HttpResponse::Created().json(prompt))
}
