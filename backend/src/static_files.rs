//! Serves the embedded static files: the client and the page that shows the API document.
//!
//! Files with a hash in their name are cached forever, documents never. The client's document answers every page of the
//! single-page application.

use std::{
    io::{self, Read as _},
    sync::OnceLock,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web,
};
use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::http::ApiError;

/// A file that is compiled into the binary.
struct EmbeddedFile {
    /// The path below the root, without a leading slash.
    path: &'static str,
    /// A hash of the content.
    digest: &'static str,
    content: Content,
}

/// The bytes of a file.
enum Content {
    /// Uncompressed, because compression gains nothing.
    Plain(&'static [u8]),
    /// Only compressed: few clients accept no compression, and the uncompressed form would be most of the binary.
    Compressed {
        brotli: Option<&'static [u8]>,
        gzip: &'static [u8],
        /// The uncompressed form, once a client has asked for it.
        plain: OnceLock<Bytes>,
    },
}

mod embedded {
    use std::sync::OnceLock;

    use super::{Content, EmbeddedFile};
    include!(concat!(env!("OUT_DIR"), "/static_files.rs"));
}

/// The page of the API document.
const API_PAGE: &str = "docs/index.html";

/// Allows `data:` images because Swagger UI's style sheet contains them.
const API_PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The client's worker, which loads its modules.
const WORKER: &str = "/worker.js";

/// A worker has the policy of its own response, not that of its page.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/// The modules in this folder of the client are loaded by the frame that draws diagrams. It has no origin of its own, so
/// they are read from another one.
const SHARED: &str = "/mermaid/";

/// File names in this folder contain a hash of the content.
const HASHED: &str = "assets/";

/// The response of a server that was built without the client.
const NOT_BUILT: &str =
    "This server was built without its client. Run `cargo xtask run`, or use the API at /docs.\n";

/// Answers every GET and HEAD request that matches no route.
pub(crate) async fn serve(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let mut path = path.into_inner();
    if path.is_empty() || path.ends_with('/') {
        path.push_str("index.html");
    }
    if let Some(file) = find(&path) {
        return send(&request, file);
    }
    let is_page = !path.starts_with(HASHED) && wants_html(request.headers());
    match (is_page, find("index.html")) {
        (true, Some(document)) => send(&request, document),
        (true, None) if path == "index.html" => {
            Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(NOT_BUILT))
        }
        _ => Ok(HttpResponse::NotFound().finish()),
    }
}

fn find(path: &str) -> Option<&'static EmbeddedFile> {
    // The build script sorts the table.
    let files = &embedded::FILES;
    files.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| files.get(at))
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("text/html"))
}

fn send(request: &HttpRequest, file: &EmbeddedFile) -> Result<HttpResponse, ApiError> {
    let encoding = file.content.encoding(request.headers());
    let tag = format!("\"{}-{}\"", file.digest, encoding.unwrap_or("plain"));
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
    if file.path.starts_with(HASHED) && file.path.contains(SHARED) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    }
    if let Some(policy) = policy(file.path) {
        response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    if unchanged {
        return Ok(response.finish());
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    let bytes = file.content.bytes(encoding).map_err(ApiError::internal)?;
    Ok(response.content_type(media_type(file.path)).body(bytes))
}

impl Content {
    /// The smallest encoding that the client accepts; `None` means uncompressed.
    fn encoding(&self, headers: &HeaderMap) -> Option<&'static str> {
        let Self::Compressed { brotli, .. } = self else { return None };
        match brotli {
            Some(_) if accepts(headers, "br") => Some("br"),
            _ if accepts(headers, "gzip") => Some("gzip"),
            _ => None,
        }
    }

    /// The content in this encoding.
    fn bytes(&self, encoding: Option<&str>) -> io::Result<Bytes> {
        Ok(match (self, encoding) {
            (Self::Plain(bytes), _)
            | (Self::Compressed { brotli: Some(bytes), .. }, Some("br"))
            | (Self::Compressed { gzip: bytes, .. }, Some(_)) => Bytes::from_static(bytes),
            (Self::Compressed { gzip, plain, .. }, None) => {
                if let Some(bytes) = plain.get() {
                    bytes.clone()
                } else {
                    let bytes = inflated(gzip)?;
                    plain.get_or_init(|| bytes).clone()
                }
            }
        })
    }
}

fn inflated(gzip: &[u8]) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|item| {
        let (name, quality) = item.split_once(';').unwrap_or((item, ""));
        name.trim() == encoding && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// The Content-Security-Policy of a document or a worker. Other files need none of their own.
fn policy(path: &str) -> Option<&'static str> {
    match path {
        API_PAGE => Some(API_PAGE_POLICY),
        _ if path.ends_with(WORKER) => Some(WORKER_POLICY),
        _ => Some(embedded::CLIENT_POLICY).filter(|policy| is_document(path) && !policy.is_empty()),
    }
}

fn is_document(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "html")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        // With any other type, the browser does not compile while it downloads.
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use actix_web::{body::MessageBody as _, http::StatusCode, test::TestRequest};
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const TEXT: &[u8] = b"console.log('hello'); console.log('hello');";

    fn file() -> EmbeddedFile {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(TEXT).unwrap();
        let gzip = gzip.finish().unwrap().leak();
        let content = Content::Compressed { brotli: Some(b"brotli"), gzip, plain: OnceLock::new() };
        EmbeddedFile { path: "assets/app-1.js", digest: "7", content }
    }

    fn get(file: &EmbeddedFile, headers: &[(&str, &str)]) -> HttpResponse {
        let request =
            headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
        send(&request.to_http_request(), file).unwrap()
    }

    fn value(response: &HttpResponse, name: header::HeaderName) -> String {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_client_gets_the_smallest_encoding_it_accepts() {
        let file = file();
        let Content::Compressed { gzip, .. } = file.content else { unreachable!() };
        let mut tags = Vec::new();
        for (accepted, encoding, body) in [
            ("gzip, deflate, br, zstd", "br", b"brotli".as_slice()),
            ("br;q=1.0, gzip;q=0.8", "br", b"brotli"),
            ("br;q=0, gzip", "gzip", gzip),
            ("gzip", "gzip", gzip),
            ("identity", "", TEXT),
            ("gzip;q=0", "", TEXT),
            ("", "", TEXT),
        ] {
            let response = get(&file, &[("Accept-Encoding", accepted)]);
            assert_eq!(value(&response, header::CONTENT_ENCODING), encoding, "{accepted:?}");
            assert_eq!(value(&response, header::VARY), "Accept-Encoding");
            tags.push(value(&response, header::ETAG));
            assert_eq!(response.into_body().try_into_bytes().unwrap(), body, "{accepted:?}");
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 3, "each encoding has its own tag: {tags:?}");
    }

    #[test]
    fn a_cached_encoding_is_not_sent_again() {
        let file = file();
        for accepted in ["br", "gzip", "identity"] {
            let tag = value(&get(&file, &[("Accept-Encoding", accepted)]), header::ETAG);
            for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
                let response = get(&file, &[("Accept-Encoding", accepted), ("If-None-Match", &known)]);
                assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{accepted} {known}");
                assert_eq!(value(&response, header::ETAG), tag);
                assert!(response.into_body().try_into_bytes().unwrap().is_empty());
            }
            let elsewhere = if accepted == "br" { "gzip" } else { "br" };
            let response = get(&file, &[("Accept-Encoding", elsewhere), ("If-None-Match", &tag)]);
            assert_eq!(response.status(), StatusCode::OK, "another encoding does not match");
        }
    }
}
