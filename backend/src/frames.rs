//! The frames in which the client shows what it must not have in its own page.
//!
//! The header of each page sandboxes it, wherever it is opened: its origin is opaque, so it has neither cookies nor
//! storage and cannot reach the page around it, which sends the content through a `MessageChannel`. The same header
//! allows what the policy of the client's page forbids, because a frame with content of the page would inherit that.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// A frame's page and its policy.
struct Frame {
    html: &'static str,
    policy: String,
}

/// HTML and SVG that a model wrote: it runs, but it cannot load or send anything.
static ARTIFACT: LazyLock<Frame> = LazyLock::new(|| {
    let allowed = "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; \
        media-src data: blob:; font-src data:";
    Frame::new(include_str!("../frames/artifact.html"), allowed)
});

/// Diagrams: a library of ours turns their source into SVG. Inline code other than the page's own does not run.
static DIAGRAM: LazyLock<Frame> = LazyLock::new(|| {
    let html = include_str!("../frames/diagram.html");
    let allowed = format!("script-src 'self' {}; style-src 'unsafe-inline'", hash(html, "script"));
    Frame::new(html, &allowed)
});

/// One picture of another server, after the user has asked for it.
static PICTURE: LazyLock<Frame> = LazyLock::new(|| {
    let html = include_str!("../frames/picture.html");
    let (script, style) = (hash(html, "script"), hash(html, "style"));
    Frame::new(html, &format!("script-src {script}; style-src {style}; img-src https:"))
});

/// `GET /frame`
pub(crate) async fn artifact() -> HttpResponse {
    ARTIFACT.response()
}

/// `GET /frame/diagram`
pub(crate) async fn diagram() -> HttpResponse {
    DIAGRAM.response()
}

/// `GET /frame/picture`
pub(crate) async fn picture() -> HttpResponse {
    PICTURE.response()
}

impl Frame {
    fn new(html: &'static str, allowed: &str) -> Self {
        let policy = format!(
            "sandbox allow-scripts; default-src 'none'; {allowed}; connect-src 'none'; frame-src 'none'; \
             worker-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        );
        Self { html, policy }
    }

    fn response(&self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy.as_str()))
            .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
            // No policy covers the lookup of a name, by which a few bytes could leave.
            .insert_header((HeaderName::from_static("x-dns-prefetch-control"), "off"))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(self.html)
    }
}

/// The hash by which a policy allows the inline content of the only `<tag>`.
fn hash(html: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let content = html.split(&open).nth(1).and_then(|rest| rest.split(&close).next()).unwrap_or_default();
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)))
}
