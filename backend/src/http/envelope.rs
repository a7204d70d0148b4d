//! The middleware around every request: its id and span, the check against cross-site writes, one log line, security
//! headers, and a problem body for every error, including the framework's.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage, HttpRequest, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use futures_util::FutureExt;
use kaiwa_shared::{Code, Problem, problem::CONTENT_TYPE};
use tracing::{Instrument, Span, field::Empty};
use uuid::Uuid;

use super::{
    ApiError,
    api_error::status_of,
    cookie,
    open_responses::in_pieces,
    origin,
    peer::{self, Peer},
    unread::Held,
};
use crate::state::AppState;

/// Forbids everything. For every response that has no policy of its own.
const STRICT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Keeps browsers on HTTPS for a year. Subdomains are not included: they may belong to other services.
const HTTPS_ONLY: &str = "max-age=31536000";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A renewed token, which replaces the one in the request's cookie.
pub(crate) struct RenewedToken(pub(crate) String);

/// Handles one request, up to the headers of its response.
pub(crate) async fn handle(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = new_request_id();
    let method = method_name(request.method());
    let is_head = request.method() == Method::HEAD;
    let unread = Held::of(&mut request);
    let span = request_span(request.request(), method, &id);
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let guard = state.as_ref().map_or(Ok(()), |state| check(request.request(), state));
    if is_head {
        // Every path that supports GET supports HEAD, too. The framework leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let mut response = match guard {
        Ok(()) => {
            // The router needs the only reference to the request, so nothing here may keep one.
            let answer = AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind().await;
            let Ok(answer) = answer else {
                tracing::error!(request_id = %id, "a handler panicked");
                return Err(ApiError::internal("a handler panicked").with_request_id(&id).into());
            };
            answer?.map_into_boxed_body()
        }
        Err(error) => request.into_response(error.error_response()).map_into_boxed_body(),
    };
    log(&response, method, &id, started, &span);
    if response.status().is_client_error() || response.status().is_server_error() {
        response = with_problem_body(response, &id);
    }
    if is_head && response.response().body().size() == BodySize::Stream {
        // It would never end.
        response = response.map_body(|_, _| BoxBody::new(()));
    }
    response = response.map_body(|_, body| in_pieces(body));
    if let Some(unread) = unread {
        response = response.map_body(|_, body| unread.while_sending(body));
    }
    if let Some(state) = state {
        let peer = Peer::of(response.request(), &state.settings.server);
        renew_cookie(&mut response, &state, &peer);
        if peer.secure {
            response
                .headers_mut()
                .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
        }
    }
    add_headers(&mut response, &id);
    Ok(response)
}

/// Refuses what no handler needs to see.
fn check(request: &HttpRequest, state: &AppState) -> Result<(), ApiError> {
    peer::warn(request, &state.settings.server);
    if request.uri().authority().is_some() {
        return Err(ApiError::new(
            Code::BadRequest,
            "This server is not a proxy: request a path, without the scheme and the host.",
        ));
    }
    origin::check(request, state)
}

/// The name of a method for the log. A client can invent others.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "(other)",
    }
}

#[expect(clippy::disallowed_methods, reason = "a request id names a request and nothing that is stored")]
fn new_request_id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// The span of a request: everything that is logged while it is handled carries these fields.
fn request_span(request: &HttpRequest, method: &'static str, id: &str) -> Span {
    tracing::info_span!(
        "request",
        request_id = id,
        method,
        route = route(request),
        status = Empty,
        duration_ms = Empty
    )
}

/// The pattern of the path. The path itself is never logged, because it can contain what a user typed.
fn route(request: &HttpRequest) -> String {
    request.match_pattern().unwrap_or_else(|| "(none)".to_owned())
}

/// Completes the span, and writes the request's line outside of it so that no field is in the line twice.
fn log(response: &ServiceResponse<BoxBody>, method: &'static str, id: &str, started: Instant, span: &Span) {
    let request = response.request();
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.record("status", status).record("duration_ms", duration_ms);
    let route = route(request);
    if response.status().is_server_error() {
        let cause = response.response().error().map(ToString::to_string).unwrap_or_default();
        tracing::error!(request_id = id, method, route, status, duration_ms, cause, "request failed");
    } else if route.contains("health") || route == "/{path:.*}" {
        tracing::debug!(request_id = id, method, route, status, duration_ms, "request");
    } else {
        tracing::info!(request_id = id, method, route, status, duration_ms, "request");
    }
}

/// Writes the problem body of an error response. The framework's own errors get a problem that matches their status.
fn with_problem_body(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let given = response.response().extensions().get::<Problem>().cloned();
    let mut problem = given.unwrap_or_else(|| framework_problem(status));
    problem.status = status.as_u16();
    problem.request_id = Some(id.to_owned());
    let Ok(body) = serde_json::to_vec(&problem) else { return response };
    let (request, response) = response.into_parts();
    let mut response = response.set_body(body).map_into_boxed_body();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    ServiceResponse::new(request, response)
}

fn framework_problem(status: StatusCode) -> Problem {
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => (Code::NotFound, "This does not exist, or it is not yours."),
        StatusCode::METHOD_NOT_ALLOWED => (Code::MethodNotAllowed, "This path does not support this method."),
        StatusCode::PAYLOAD_TOO_LARGE => (Code::TooLarge, "The request is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (Code::UnsupportedMediaType, "This content type is not accepted.")
        }
        StatusCode::REQUEST_TIMEOUT => (Code::RequestTimeout, "The request took too long to arrive."),
        StatusCode::SERVICE_UNAVAILABLE => {
            (Code::Unavailable, "A part of the service is down. Try again shortly.")
        }
        status if status.is_client_error() => (Code::BadRequest, "The request could not be read."),
        _ => (Code::Internal, "Something went wrong on the server. The cause is in its log."),
    };
    let mut problem = Problem::new(code, detail);
    problem.status = status_of(code).as_u16();
    problem
}

fn renew_cookie(response: &mut ServiceResponse<BoxBody>, state: &AppState, peer: &Peer) {
    let renewed = response.request().extensions_mut().remove::<RenewedToken>();
    if let Some(RenewedToken(token)) = renewed {
        let cookie = cookie::keep(peer, token, state.settings.accounts.token_lifetime);
        if let Err(error) = response.response_mut().add_cookie(&cookie) {
            tracing::error!(%error, "a session cookie could not be renewed");
        }
    }
}

fn add_headers(response: &mut ServiceResponse<BoxBody>, id: &str) {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(self), geolocation=(), payment=(), usb=()",
    );
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(STRICT_POLICY));
    }
    if !headers.contains_key(header::X_FRAME_OPTIONS) {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
}
