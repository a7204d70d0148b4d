//! The routes of the server.

mod admin;
pub(crate) mod auth;
mod chat;
mod conversations;
pub(crate) mod endpoints;
mod events;
mod generations;
mod health;
mod messages;
mod models;
mod settings;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data, ServiceConfig, get, head},
};

use crate::{http::ApiError, openapi, static_files};
use endpoints::Endpoints;

/// Every documented endpoint. Each module lists its own.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::default()
        .configure(health::configure)
        .configure(settings::configure)
        .configure(auth::configure)
        .configure(models::configure)
        .configure(admin::configure)
        .configure(conversations::configure)
        .configure(messages::configure)
        .configure(events::configure)
        .configure(chat::configure)
        .configure(generations::configure)
}

/// Mounts every route; the API under `prefix`.
pub(crate) fn configure(config: &mut ServiceConfig, prefix: &str) {
    let api = web::scope(prefix)
        // Health checks of existing deployments use these paths.
        .service(web::resource("/health").route(get().to(health::get_health)))
        .service(web::resource("/settings/health").route(get().to(health::get_health)))
        // An unknown path of the API is a problem, not the client's page.
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::not_found()) }));
    config
        .service(web::resource("/docs").route(get().to(to_docs)))
        .service(web::resource("/api-docs").route(get().to(to_docs)))
        .service(
            web::resource("/api-docs/openapi.json")
                .app_data(Data::new(openapi::document(prefix)))
                .route(get().to(openapi::get_document)),
        );
    endpoints().register(config, api);
    config.service(
        web::resource("/{path:.*}")
            .route(get().to(static_files::serve))
            .route(head().to(static_files::serve)),
    );
}

async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
