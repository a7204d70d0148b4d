//! `GET /api/models`, `POST /api/models/refresh`

use actix_web::web::{Data, Json};
use kaiwa_shared::{Problem, model::Models};

use super::endpoints::endpoints;
use crate::{
    http::{ApiError, SignedIn},
    state::AppState,
};

endpoints![list_models, refresh_models];

/// Lists the available models.
#[utoipa::path(
    get,
    path = "/api/models",
    tag = "models",
    responses((status = 200, body = Models), (status = 401, body = Problem))
)]
pub(crate) async fn list_models(state: Data<AppState>, _user: SignedIn) -> Json<Models> {
    Json(state.engine.models())
}

/// Asks every provider for its models again and returns those that are known after at most three seconds. Models of
/// slower providers become available later. The limit is once in ten seconds for all users together.
#[utoipa::path(
    post,
    path = "/api/models/refresh",
    tag = "models",
    responses((status = 200, body = Models), (status = 401, body = Problem), (status = 429, body = Problem))
)]
pub(crate) async fn refresh_models(state: Data<AppState>, _user: SignedIn) -> Result<Json<Models>, ApiError> {
    match state.providers.refresh().await {
        Ok(()) => Ok(Json(state.engine.models())),
        Err(wait) => Err(ApiError::too_many(wait, "The lists were refreshed less than ten seconds ago.")),
    }
}
