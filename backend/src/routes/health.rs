//! Liveness and readiness.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use kaiwa_shared::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoints::endpoints;
use crate::{http::ApiError, state::AppState};

endpoints![get_health, get_readiness];

/// The response of a live process.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The server's version.
    version: &'static str,
}

/// The response of a server that is ready.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Always `ready`; if a part does not work, the response is a 503.
    status: &'static str,
    /// `ok`: the database can be written and its schema is up to date.
    database: &'static str,
}

/// Responds for as long as the process is alive, even if other parts are down.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Responds with 200 if everything that Kaiwa needs works, and otherwise says what does not.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "health",
    security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Problem))
)]
pub(crate) async fn get_readiness(state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    match state.store.ping().await {
        Ok(()) => Ok(HttpResponse::Ok().json(Readiness { status: "ready", database: "ok" })),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database is not ready");
            Err(ApiError::unavailable(
                "The database does not respond, its disk is full, or its schema is not up to date.",
            ))
        }
    }
}
