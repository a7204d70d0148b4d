//! `GET /api/models`

use actix_web::web::{Data, Json};
use kaiwa_shared::{Problem, model::Models};

use crate::{http::SignedIn, state::AppState};

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
