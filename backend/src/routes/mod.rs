//! The routes of the server.

mod admin;
pub(crate) mod auth;
mod chat;
mod conversations;
pub(crate) mod endpoints;
mod events;
mod files;
mod generations;
mod health;
mod messages;
mod models;
mod prompts;
mod settings;

use actix_web::{
    HttpResponse, Resource, Route,
    http::{Method, header},
    web::{self, Data, ServiceConfig, get},
};

use crate::{frames, http::ApiError, openapi, static_files};
use endpoints::{Endpoints, with_other_methods};

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
        .configure(files::configure)
        .configure(prompts::configure)
        .configure(events::configure)
        .configure(chat::configure)
        .configure(generations::configure)
}

/// Mounts every route; the API under `prefix`.
pub(crate) fn configure(config: &mut ServiceConfig, prefix: &str) {
    let api = web::scope(prefix)
        // Health checks of existing deployments use these paths.
        .service(at("/health", get().to(health::get_health)))
        .service(at("/settings/health", get().to(health::get_health)))
        // An unknown path of the API is a problem, not the client's page.
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::not_found()) }));
    let document = at("/api-docs/openapi.json", get().to(openapi::get_document));
    config
        .service(at("/docs", get().to(to_docs)))
        .service(at("/api-docs", get().to(to_docs)))
        .service(document.app_data(Data::new(openapi::Served::new(prefix))))
        .service(at("/frame", get().to(frames::artifact)))
        .service(at("/frame/diagram", get().to(frames::diagram)))
        .service(at("/frame/picture", get().to(frames::picture)));
    endpoints().register(config, api);
    config.service(at("/{path:.*}", get().to(static_files::serve)));
}

/// A resource that supports GET.
fn at(path: &str, route: Route) -> Resource {
    with_other_methods(web::resource(path).route(route), &[Method::GET])
}

async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
