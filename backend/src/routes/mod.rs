//! Every path of the server, and nothing else.

pub(crate) mod admin;
pub(crate) mod auth;
pub(crate) mod chat;
pub(crate) mod conversations;
pub(crate) mod events;
pub(crate) mod generations;
pub(crate) mod health;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod settings;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig, get, head, patch, post},
};

use crate::{http::ApiError, openapi, static_files};

/// Mounts every route; the API under `prefix`.
pub(crate) fn configure(config: &mut ServiceConfig, prefix: &str) {
    config
        .service(web::resource("/health").route(get().to(health::get_health)))
        .service(web::resource("/health/ready").route(get().to(health::get_readiness)))
        .service(web::resource("/docs").route(get().to(to_docs)))
        .service(web::resource("/api-docs").route(get().to(to_docs)))
        .service(
            web::resource("/api-docs/openapi.json")
                .app_data(web::Data::new(openapi::document(prefix)))
                .route(get().to(openapi::get_document)),
        )
        .service(web::scope(prefix).configure(configure_api))
        .service(web::resource("/{path:.*}").route(get().to(static_files::serve)).route(head().to(static_files::serve)));
}

fn configure_api(config: &mut ServiceConfig) {
    config
        // Health checks of existing deployments ask here.
        .service(web::resource("/health").route(get().to(health::get_health)))
        .service(web::resource("/settings/health").route(get().to(health::get_health)))
        .service(web::resource("/settings").route(get().to(settings::get_settings)))
        // Accounts
        .service(web::resource("/auth/register").route(post().to(auth::register::register)))
        .service(web::resource("/auth/login").route(post().to(auth::login::login)))
        .service(web::resource("/auth/logout").route(post().to(auth::logout::logout)))
        .service(web::resource("/auth/refresh").route(post().to(auth::refresh::refresh)))
        .service(web::resource("/auth/password").route(post().to(auth::password::change_password)))
        .service(web::resource("/auth/me").route(get().to(auth::me::get_me)))
        // Chat
        .service(web::resource("/models").route(get().to(models::list_models)))
        .service(web::resource("/models/refresh").route(post().to(models::refresh_models)))
        .service(
            web::resource("/conversations")
                .route(get().to(conversations::list::list_conversations))
                .route(post().to(conversations::create::create_conversation)),
        )
        .service(
            web::resource("/conversations/{id}")
                .route(get().to(conversations::get::get_conversation))
                .route(patch().to(conversations::update::update_conversation))
                .route(web::delete().to(conversations::delete::delete_conversation)),
        )
        .service(
            web::resource("/conversations/{id}/messages")
                .route(get().to(conversations::messages::list_messages)),
        )
        .service(
            web::resource("/conversations/{id}/show").route(post().to(conversations::show::show_message)),
        )
        .service(
            web::resource("/conversations/{id}/fork")
                .route(post().to(conversations::fork::fork_conversation)),
        )
        .service(
            web::resource("/conversations/{id}/queue/{sub_id}")
                .route(web::delete().to(conversations::unqueue::delete_queued_message)),
        )
        .service(
            web::resource("/conversations/{id}/queue/{sub_id}/send")
                .route(post().to(conversations::send_queued::send_queued_message)),
        )
        .service(web::resource("/messages/{id}/subtree").route(get().to(messages::subtree::get_subtree)))
        .service(
            web::resource("/messages/{id}")
                .route(patch().to(messages::edit::edit_message))
                .route(web::delete().to(messages::delete::delete_message)),
        )
        .service(web::resource("/events").route(get().to(events::follow_events)))
        .service(web::resource("/chat/stream").route(post().to(chat::stream::send_message)))
        .service(
            web::resource("/generations/{id}/events").route(get().to(generations::events::follow_generation)),
        )
        .service(web::resource("/generations/{id}/stop").route(post().to(generations::stop::stop_generation)))
        // Administration
        .service(web::resource("/admin/providers/found").route(get().to(admin::found::list_found_servers)))
        // A mistyped path of the API is a problem, never the client's page.
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::not_found()) }));
}

async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}
