//! `GET /api/models`, `POST /api/models/refresh`

use actix_web::web::{Data, Json};
use kaiwa_shared::{Problem, model::Models};

use super::endpoints::endpoints;
use crate::{
    http::{ApiError, SignedIn},
    state::AppState,
};

endpoints![list_models, refresh_models];

/// The models that can be chosen.
#[utoipa::path(
    get,
    path = "/api/models",
    tag = "models",
    responses((status = 200, body = Models), (status = 401, body = Problem))
)]
pub(crate) async fn list_models(state: Data<AppState>, _user: SignedIn) -> Json<Models> {
    Json(state.engine.catalog().models())
}

/// Asks every provider for its list again, at most once a minute for everybody together, and answers with the models
/// that can then be chosen.
#[utoipa::path(
    post,
    path = "/api/models/refresh",
    tag = "models",
    responses((status = 200, body = Models), (status = 401, body = Problem), (status = 429, body = Problem))
)]
pub(crate) async fn refresh_models(state: Data<AppState>, _user: SignedIn) -> Result<Json<Models>, ApiError> {
    match state.providers.refresh().await {
        Ok(()) => Ok(Json(state.engine.catalog().models())),
        Err(wait) => Err(ApiError::too_many(wait, "The lists were asked for less than a minute ago.")),
    }
}
