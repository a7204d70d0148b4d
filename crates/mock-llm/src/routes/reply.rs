//! Answering a request for a reply.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    web,
};
use serde_json::Value;

use super::seen;
use crate::{
    ask::Ask,
    plan::{Gathered, Plan},
    script::{Fault, Oddity, RetryAfter, Script, UnknownScript},
    state::{OpenReply, Outcome, State, lock},
    surface::{Protocol, Usage},
    wire,
};

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n\
    <body><h1>502 Bad Gateway</h1><hr>nginx</body></html>\n";

/// A cookie that no client may keep or forward.
const COOKIE: &str = "mock_session=from-the-provider; Path=/; HttpOnly";

/// Headers that must not be forwarded.
const HEADERS: [(&str, &str); 7] = [
    ("set-cookie", COOKIE),
    ("location", "https://example.com/from-the-provider"),
    ("www-authenticate", "Basic realm=\"from-the-provider\""),
    ("proxy-authenticate", "Basic realm=\"from-the-provider\""),
    ("keep-alive", "timeout=1"),
    ("refresh", "0; url=https://example.com/from-the-provider"),
    ("x-mock-secret", "from-the-provider"),
];

/// Answers a request for a reply in one of the protocols.
pub(super) async fn answer(
    protocol: Protocol,
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    let parsed = serde_json::from_slice(&body);
    let problem = parsed.as_ref().err().map(ToString::to_string);
    let body: Value = parsed.unwrap_or_default();
    let call = request.match_info().get("call").unwrap_or_default();
    let ask = problem.map_or_else(|| protocol.ask(&body, call), Err);
    let state = state.into_inner();
    let number = state.remember(seen(&request, body, Outcome::Open, true));
    let open = OpenReply::new(&state, number);
    if let Some(refusal) = check_key(protocol, &request, &state) {
        return ended(open, refusal);
    }
    match understand(protocol, &request, ask, &state) {
        Ok((script, ask)) => perform(protocol, script, ask, &request, open, &state).await,
        Err(Refusal { status, why }) => ended(open, refuse(protocol, status, &why, None)),
    }
}

/// Why an invalid request is refused.
struct Refusal {
    status: u16,
    why: String,
}

impl Refusal {
    fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

/// Parses and checks the request.
fn understand(
    protocol: Protocol,
    request: &HttpRequest,
    ask: Result<Ask, String>,
    state: &State,
) -> Result<(Script, Ask), Refusal> {
    if protocol == Protocol::Messages && !request.headers().contains_key("anthropic-version") {
        return Err(Refusal::new(400, "anthropic-version: header is required"));
    }
    let ask = ask.map_err(|why| Refusal::new(400, why))?;
    let script: Script = ask.model.parse().map_err(|UnknownScript(part)| {
        Refusal::new(
            404,
            match protocol {
                Protocol::Ollama => format!("model '{}' not found", ask.model),
                _ => format!("The model '{}' does not exist: '{part}' is unknown.", ask.model),
            },
        )
    })?;
    if let Some(why) = ask.unpaired() {
        return Err(Refusal::new(400, why));
    }
    let fails = script.first.is_none_or(|first| state.asked_before(&ask.model) < first);
    let script = if fails { script } else { script.healthy() };
    if script.is(Oddity::Strict) && ask.has_stream_options {
        return Err(Refusal::new(400, "Unrecognized request argument supplied: stream_options"));
    }
    if script.is(Oddity::Strict) && script.thoughts > 0 && ask.unsigned {
        let why = "The reasoning that led to a tool call must be sent back with it, unaltered.";
        return Err(Refusal::new(400, why));
    }
    Ok((script, ask))
}

async fn perform(
    protocol: Protocol,
    script: Script,
    ask: Ask,
    request: &HttpRequest,
    open: OpenReply,
    state: &State,
) -> HttpResponse {
    tokio::time::sleep(script.wait).await;
    match script.fault {
        // Waiting here keeps the request open, so the mock notices when the client leaves.
        Some(Fault::Hang) => return std::future::pending().await,
        Some(Fault::Error(status)) => {
            // Like some hosts, the message repeats the key.
            let message = format!("Scripted failure for {}.", credentials(request).unwrap_or_default());
            return ended(open, refuse(protocol, status, &message, script.retry_after));
        }
        Some(Fault::Html(status)) => {
            let mut page = with_retry_after(status, script.retry_after);
            return ended(open, page.content_type("text/html; charset=utf-8").body(PAGE));
        }
        Some(Fault::Blank(status)) => {
            return ended(open, with_retry_after(status, script.retry_after).finish());
        }
        Some(Fault::Redirect(status)) => return ended(open, redirect(status, request, state)),
        _ => {}
    }
    if !ask.stream {
        return whole(protocol, &script, &ask, open).await;
    }
    let mut response = ok(protocol, &script);
    response.content_type(protocol.content_type()).insert_header((header::CACHE_CONTROL, "no-cache"));
    if wire::encoding::is_declared(&script) {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.streaming(wire::body(protocol, script, ask, open))
}

async fn whole(protocol: Protocol, script: &Script, ask: &Ask, open: OpenReply) -> HttpResponse {
    tokio::time::sleep(script.delay).await;
    let mut plan = Plan::new(script, ask, protocol.has_whole_calls());
    let end = plan.end();
    let reply = Gathered::of(&mut plan);
    let usage = Usage::after(ask, script, reply.pieces, reply.thoughts);
    let answer = protocol.whole(ask, script, &reply, end, usage.as_ref());
    ended(open, ok(protocol, script).json(answer))
}

fn ok(protocol: Protocol, script: &Script) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((protocol.request_id_header(), "req_mock"));
    if script.is(Oddity::Headers) {
        for header in HEADERS {
            response.insert_header(header);
        }
    }
    response
}

/// Redirects to the configured target, or else to a path of this server that records the request.
fn redirect(status: u16, request: &HttpRequest, state: &State) -> HttpResponse {
    let own = || format!("http://{}/redirected", request.connection_info().host());
    let target = lock(&state.redirect_to).clone().unwrap_or_else(own);
    let mut response = HttpResponse::build(status_code(status));
    response.insert_header((header::LOCATION, target)).insert_header((header::SET_COOKIE, COOKIE));
    response.finish()
}

/// Marks the reply as ended.
fn ended(mut open: OpenReply, response: HttpResponse) -> HttpResponse {
    open.finish();
    response
}

/// The key of the request, in any protocol.
fn credentials(request: &HttpRequest) -> Option<String> {
    let headers = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
    let value = |name: &&str| Some(request.headers().get(*name)?.to_str().ok()?.to_owned());
    headers.iter().find_map(value).or_else(|| key_in_query(request))
}

fn key_in_query(request: &HttpRequest) -> Option<String> {
    request.query_string().split('&').find_map(|pair| pair.strip_prefix("key=")).map(str::to_owned)
}

/// The refusal of a request without the right key.
pub(super) fn check_key(protocol: Protocol, request: &HttpRequest, state: &State) -> Option<HttpResponse> {
    let key = state.api_key.as_ref()?;
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let in_query = key_in_query(request);
    let brought = match protocol {
        Protocol::Chat | Protocol::Responses => bearer.or(header("api-key")),
        Protocol::Messages => header("x-api-key").or(bearer),
        Protocol::Gemini => header("x-goog-api-key").or(in_query.as_deref()),
        Protocol::Ollama => bearer,
    };
    (brought != Some(key.as_str())).then(|| refuse(protocol, 401, "Incorrect API key provided.", None))
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn with_retry_after(status: u16, retry_after: Option<RetryAfter>) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status_code(status));
    let value = match retry_after {
        Some(RetryAfter::Seconds(seconds)) => seconds.to_string(),
        Some(RetryAfter::Date) => "Thu, 31 Dec 2099 23:59:59 GMT".to_owned(),
        Some(RetryAfter::Junk) => "when the moon is full".to_owned(),
        None => return response,
    };
    response.insert_header((header::RETRY_AFTER, value));
    response
}

/// An error in the protocol's format.
pub(super) fn refuse(
    protocol: Protocol,
    status: u16,
    message: &str,
    retry_after: Option<RetryAfter>,
) -> HttpResponse {
    let seconds = match retry_after {
        Some(RetryAfter::Seconds(seconds)) => Some(seconds),
        _ => None,
    };
    let mut response = with_retry_after(status, retry_after);
    response.insert_header((protocol.request_id_header(), "req_mock"));
    response.json(protocol.error(status, message, seconds))
}
