//! `GET /api/admin/providers/found`

use actix_web::web::{Data, Json};
use kaiwa_shared::{Problem, model::FoundServers};

use crate::{
    http::{Administrator, ApiError},
    state::AppState,
};

/// Lists model servers that run on Kaiwa's own machine and are not configured, and what is wrong with the configured
/// providers and the default model.
#[utoipa::path(
    get,
    path = "/api/admin/providers/found",
    tag = "models",
    responses((status = 200, body = FoundServers), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub(crate) async fn list_found_servers(
    state: Data<AppState>,
    _administrator: Administrator,
) -> Result<Json<FoundServers>, ApiError> {
    Ok(Json(state.providers.found()))
}
