//! The OpenAPI document, generated from the handlers and their types.

mod responses;

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
                       stable `code`. Sign in with `POST /api/auth/login`. Browsers then send a cookie; programs send \
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
        // The second one over HTTPS.
        let cookies = [("cookie", "kaiwa"), ("secure_cookie", "__Host-kaiwa")];
        for (scheme, name) in cookies {
            let cookie = ApiKey::Cookie(ApiKeyValue::new(name));
            components.add_security_scheme(scheme, SecurityScheme::ApiKey(cookie));
        }
        let none: [&str; 0] = [];
        let schemes = ["bearer", "cookie", "secure_cookie"];
        document.security = Some(schemes.map(|scheme| SecurityRequirement::new(scheme, none)).to_vec());
    }
}

/// Serves the document. The page at `/docs/` shows it.
pub(crate) async fn get_document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

/// The OpenAPI document for an API that is mounted under `prefix`.
pub fn document(prefix: &str) -> Document {
    let mut document = Api::openapi();
    document.merge(routes::endpoints().into_document());
    responses::complete(&mut document);
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
