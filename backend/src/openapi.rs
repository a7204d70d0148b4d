//! The API document, from the handlers and types themselves.

use actix_web::{HttpResponse, web};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, SecurityRequirement,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::routes::{
    self,
    endpoints::{API_ROOT, below_api_root},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kaiwa",
        description = "Conversations with every model behind one API. Errors are `application/problem+json` with a \
                       stable `code`. Sign in with `POST /api/auth/login`; browsers then carry a cookie, programs send \
                       `Authorization: Bearer <access_token>`.",
        license(name = "MIT", identifier = "MIT")
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
    document.merge(routes::endpoints().into_document());
    if prefix != API_ROOT {
        let paths = std::mem::take(&mut document.paths.paths);
        document.paths.paths = paths
            .into_iter()
            .map(|(path, item)| match below_api_root(&path) {
                Some(below) => (format!("{prefix}{below}"), item),
                None => (path, item),
            })
            .collect();
    }
    document
}
