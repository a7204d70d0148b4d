//! The API document, from the handlers and types themselves.

use actix_web::{HttpResponse, web};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, SecurityRequirement,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kaiwa",
        description = "Conversations with every model behind one API. Errors are `application/problem+json` with a \
                       stable `code`. Sign in with `POST /api/auth/login`; browsers then carry a cookie, programs send \
                       `Authorization: Bearer <access_token>`.",
        license(name = "MIT", identifier = "MIT")
    ),
    paths(
        routes::health::get_health,
        routes::health::get_readiness,
        routes::settings::get_settings,
        routes::auth::register::register,
        routes::auth::login::login,
        routes::auth::logout::logout,
        routes::auth::refresh::refresh,
        routes::auth::password::change_password,
        routes::auth::me::get_me,
        routes::models::list_models,
        routes::models::refresh_models,
        routes::admin::found::list_found_servers,
        routes::conversations::list::list_conversations,
        routes::conversations::create::create_conversation,
        routes::conversations::get::get_conversation,
        routes::conversations::update::update_conversation,
        routes::conversations::delete::delete_conversation,
        routes::conversations::messages::list_messages,
        routes::conversations::show::show_message,
        routes::conversations::fork::fork_conversation,
        routes::conversations::send_queued::send_queued_message,
        routes::conversations::unqueue::delete_queued_message,
        routes::messages::edit::edit_message,
        routes::messages::subtree::get_subtree,
        routes::messages::delete::delete_message,
        routes::events::follow_events,
        routes::chat::stream::send_message,
        routes::generations::events::follow_generation,
        routes::generations::stop::stop_generation,
    ),
    modifiers(&Security)
)]
struct Api;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build(),
            ),
        );
        components
            .add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("kaiwa"))));
        let none: [&str; 0] = [];
        document.security =
            Some(vec![SecurityRequirement::new("bearer", none), SecurityRequirement::new("cookie", none)]);
    }
}

/// The document as it is served; the page at `/docs/` shows it.
pub(crate) async fn get_document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

/// The API document, with the API mounted under `prefix`.
pub fn document(prefix: &str) -> Document {
    let mut document = Api::openapi();
    if prefix != "/api" {
        let paths = std::mem::take(&mut document.paths.paths);
        document.paths.paths = paths
            .into_iter()
            .map(|(path, item)| match path.strip_prefix("/api/") {
                Some(rest) => (format!("{prefix}/{rest}"), item),
                None => (path, item),
            })
            .collect();
    }
    document
}
