//! The HTTP surface: `/v1/models`, `/v1/chat/completions`, and `/state` for tests in another process.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use serde_json::{Value, json};

use crate::{
    numbered, reply,
    request::ChatRequest,
    script::{Fault, Oddity, Script, UnknownScript},
    state::{OpenReply, SeenRequest, State},
    wire,
};

/// What `/v1/models` lists: a choice of useful scripts.
const MODELS: [&str; 7] = [
    "mock",
    "echo",
    "markdown",
    "markdown-kb-48-rate-300",
    "reasoning",
    "tools",
    "mock-tokens-500-rate-50-delay-200",
];

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n\
    <body><h1>502 Bad Gateway</h1><hr>nginx</body></html>\n";

/// Most bytes of a request's body.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// Every route.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(BODY_MAX))
        .route("/v1/models", web::get().to(list_models))
        .route("/v1/chat/completions", web::post().to(complete_chat))
        .route("/state", web::get().to(show_state));
}

/// What the mock has seen so far: how many requests and the bodies of the latest, how many replies are open, and how
/// many their readers have left.
async fn show_state(state: web::Data<State>) -> HttpResponse {
    let bodies: Vec<Value> = state.requests().into_iter().map(|request| request.body).collect();
    HttpResponse::Ok().json(json!({
        "count": state.count(), "requests": bodies, "open": state.open(), "aborted": state.aborted(),
    }))
}

async fn list_models(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    if let Some(refusal) = check_key(&request, &state) {
        return refusal;
    }
    let models: Vec<Value> = MODELS
        .iter()
        .map(|id| json!({ "id": id, "object": "model", "created": 1_700_000_000, "owned_by": "mock" }))
        .collect();
    HttpResponse::Ok().json(json!({ "object": "list", "data": models }))
}

async fn complete_chat(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    state.remember(SeenRequest {
        path: request.path().to_owned(),
        authorization: authorization(&request),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    if let Some(refusal) = check_key(&request, &state) {
        return refusal;
    }
    let chat: ChatRequest = match serde_json::from_slice(&body) {
        Ok(chat) => chat,
        Err(error) => return refuse(400, &error.to_string(), None),
    };
    match chat.model.parse() {
        Ok(script) => answer(&script, &chat, authorization(&request), &state.into_inner()).await,
        Err(UnknownScript(part)) => {
            refuse(404, &format!("The model '{}' does not exist: '{part}' is unknown.", chat.model), None)
        }
    }
}

async fn answer(
    script: &Script,
    chat: &ChatRequest,
    authorization: Option<String>,
    state: &Arc<State>,
) -> HttpResponse {
    match script.fault {
        Some(Fault::Hang) => {
            let _open = OpenReply::new(state);
            return std::future::pending().await;
        }
        Some(Fault::Error(status)) => {
            // As some hosts do, the message repeats the key that it was given.
            let message = format!("Scripted failure for {}.", authorization.unwrap_or_default());
            return refuse(status, &message, script.retry_after);
        }
        Some(Fault::Html(status)) => {
            return HttpResponse::build(status_code(status))
                .content_type("text/html; charset=utf-8")
                .body(PAGE);
        }
        _ => {}
    }
    if script.is(Oddity::Strict) && chat.stream_options.is_some() {
        return refuse(400, "Unrecognized request argument supplied: stream_options", None);
    }
    let finish_reason = reply::finish_reason(script, chat);
    let pieces = reply::pieces(script, chat);
    if !chat.stream {
        return whole(script.delay, chat, pieces, finish_reason).await;
    }
    let wants_usage = chat.stream_options.as_ref().is_some_and(|options| options.include_usage);
    let reply = wire::Reply {
        script: script.clone(),
        model: chat.model.clone(),
        pieces,
        finish_reason,
        usage_of_prompt: wants_usage.then(|| chat.prompt_tokens()),
    };
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream").insert_header((header::CACHE_CONTROL, "no-cache"));
    if numbered::suits(&reply.script, chat.wants_title()) {
        return response.streaming(numbered::body(&reply, state));
    }
    response.streaming(wire::body(reply, state))
}

async fn whole(
    delay: Duration,
    chat: &ChatRequest,
    pieces: reply::Pieces,
    finish_reason: &str,
) -> HttpResponse {
    tokio::time::sleep(delay).await;
    let message = reply::message(pieces);
    let length = message["content"].as_str().map_or(0, |text| text.chars().count().div_ceil(4));
    HttpResponse::Ok().json(json!({
        "id": "chatcmpl-mock", "object": "chat.completion", "created": 1_700_000_000, "model": chat.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason }],
        "usage": wire::usage(chat.prompt_tokens(), length),
    }))
}

fn authorization(request: &HttpRequest) -> Option<String> {
    Some(request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.to_owned())
}

fn check_key(request: &HttpRequest, state: &State) -> Option<HttpResponse> {
    let key = state.api_key.as_ref()?;
    if authorization(request).is_some_and(|value| value == format!("Bearer {key}")) {
        return None;
    }
    Some(refuse(401, "Incorrect API key provided.", None))
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error in OpenAI's shape.
fn refuse(status: u16, message: &str, retry_after: Option<u64>) -> HttpResponse {
    let (kind, code) = match status {
        401 => ("invalid_request_error", "invalid_api_key"),
        402 => ("insufficient_quota", "insufficient_quota"),
        404 => ("invalid_request_error", "model_not_found"),
        413 => ("invalid_request_error", "context_length_exceeded"),
        429 => ("requests", "rate_limit_exceeded"),
        400..=499 => ("invalid_request_error", "invalid_request"),
        _ => ("server_error", "server_error"),
    };
    let mut response = HttpResponse::build(status_code(status));
    if let Some(seconds) = retry_after {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    response.json(json!({ "error": { "message": message, "type": kind, "param": null, "code": code } }))
}
