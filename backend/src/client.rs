//! Serves the embedded client: hashed files for ever, the document fresh, and the document for every page of the
//! single-page application.

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web,
};

/// One file of the client.
struct EmbeddedFile {
    /// Its path below the root, without a leading slash.
    path: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

mod embedded {
    use super::EmbeddedFile;
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// Names below this folder carry a hash of their content.
const HASHED: &str = "assets/";

/// What is shown where the server was built without the client.
const NOT_BUILT: &str =
    "This server was built without its client. Run `cargo xtask run`, or use the API at /docs.\n";

/// Answers any GET that no route took.
pub(crate) async fn serve(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let path = path.into_inner();
    if let Some(file) = find(if path.is_empty() { "index.html" } else { &path }) {
        return send(&request, file);
    }
    let is_page = !path.starts_with(HASHED) && wants_html(request.headers());
    match (is_page, find("index.html")) {
        (true, Some(document)) => send(&request, document),
        (true, None) if path.is_empty() => {
            HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(NOT_BUILT)
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

fn find(path: &str) -> Option<&'static EmbeddedFile> {
    // The table is sorted by the build script.
    embedded::FILES.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| embedded::FILES.get(at))
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("text/html"))
}

fn send(request: &HttpRequest, file: &EmbeddedFile) -> HttpResponse {
    let (bytes, encoding) = negotiate(request.headers(), file);
    let tag = etag(file, encoding);
    let unchanged = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::VARY, "Accept-Encoding"));
    let caching =
        if file.path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((header::CACHE_CONTROL, caching));
    if is_document(file.path) && !embedded::POLICY.is_empty() {
        response.insert_header((header::CONTENT_SECURITY_POLICY, embedded::POLICY));
    }
    if unchanged {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    response.content_type(media_type(file.path)).body(bytes)
}

/// The smallest form that the browser takes.
fn negotiate(headers: &HeaderMap, file: &EmbeddedFile) -> (&'static [u8], Option<&'static str>) {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|item| {
            let (encoding, quality) = item.split_once(';').unwrap_or((item, ""));
            encoding.trim() == name && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    match (file.brotli, file.gzip) {
        (Some(bytes), _) if takes("br") => (bytes, Some("br")),
        (_, Some(bytes)) if takes("gzip") => (bytes, Some("gzip")),
        _ => (file.plain, None),
    }
}

/// Differs for each content and each compressed form of it.
fn etag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    let mut hasher = DefaultHasher::new();
    file.plain.hash(&mut hasher);
    encoding.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

fn is_document(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "html")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        // Any other type and the browser compiles only after the last byte has come.
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
