//! The OpenAPI document, generated from the handlers and their types.

mod responses;

use std::sync::OnceLock;

use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{Bytes, Data},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, SecurityRequirement,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{
    http::ApiError,
    routes::{
        self,
        endpoints::{API_ROOT, below_api_root},
    },
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

/// The document of a running server.
pub(crate) struct Served {
    document: Document,
    json: OnceLock<Bytes>,
}

impl Served {
    /// The document for an API that is mounted under `prefix`.
    pub(crate) fn new(prefix: &str) -> Self {
        Self { document: document(prefix), json: OnceLock::new() }
    }

    /// Its JSON, which all responses share.
    fn json(&self) -> serde_json::Result<Bytes> {
        if let Some(json) = self.json.get() {
            return Ok(json.clone());
        }
        let json = serde_json::to_vec(&self.document)?.into();
        Ok(self.json.get_or_init(|| json).clone())
    }
}

/// Serves the document. The page at `/docs/` shows it.
pub(crate) async fn get_document(served: Data<Served>) -> Result<HttpResponse, ApiError> {
    let json = served.json().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
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
