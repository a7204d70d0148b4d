//! `GET /api/settings`

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use kaiwa_shared::settings::{AppMode, PublicSettings};

use super::endpoints::endpoints;
use crate::{
    http::{ApiError, address, credentials},
    state::AppState,
};

endpoints![get_settings];

/// Returns what a client needs to know before anyone has signed in.
#[utoipa::path(get, path = "/api/settings", tag = "settings", security(()), responses((status = 200, body = PublicSettings)))]
pub(crate) async fn get_settings(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<PublicSettings>, ApiError> {
    let app_mode = state.settings.accounts.app_mode;
    let first_run = !state.store.read().await?.users().any().await?;
    let registration_open = first_run || app_mode == AppMode::Multi;
    let signed_in = matches!(credentials::session(&request, &state).await, Ok(Some(_)));
    Ok(Json(PublicSettings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        app_mode,
        registration_open,
        first_run,
        setup_code_required: registration_open && !address::unknown_names(&request, &state).await?.is_empty(),
        signed_in,
        max_file_bytes: state.settings.files.limits.max_bytes,
    }))
}
