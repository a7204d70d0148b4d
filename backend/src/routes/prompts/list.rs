//! `GET /api/prompts`

use actix_web::web::{Data, Json};
use kaiwa_shared::prompts::Prompts;

use crate::{
    http::{ApiError, SignedIn},
    state::AppState,
};

/// Lists all saved prompts of the account, by name.
#[utoipa::path(get, path = "/api/prompts", tag = "prompts", responses((status = 200, body = Prompts)))]
pub(crate) async fn list_prompts(state: Data<AppState>, user: SignedIn) -> Result<Json<Prompts>, ApiError> {
    let prompts = state.store.read().await?.prompts().list(user.user_id()).await?;
    Ok(Json(Prompts { prompts }))
}
