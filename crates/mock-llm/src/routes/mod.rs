//! The HTTP surface: every protocol's paths, and `/state` for tests in another process.

mod reply;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Value, json};

use self::reply::answer;
use crate::{
    models,
    state::{Outcome, SeenRequest, State},
    surface::Protocol,
};

/// Maximum bytes of a request body.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// Every route.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let replies = [
        ("/v1/chat/completions", Protocol::Chat),
        ("/v1/responses", Protocol::Responses),
        ("/v1/messages", Protocol::Messages),
        ("/api/chat", Protocol::Ollama),
    ];
    config.app_data(web::PayloadConfig::new(BODY_MAX));
    for (path, protocol) in replies {
        config
            .route(path, web::post().to(move |request, body, state| answer(protocol, request, body, state)));
    }
    for version in ["v1beta", "v1"] {
        let model = web::resource(format!("/{version}/models/{{call}}"));
        let gemini = move |request, body, state| answer(Protocol::Gemini, request, body, state);
        config.route(&format!("/{version}/models"), web::get().to(list_models));
        config.service(model.route(web::get().to(show_model)).route(web::post().to(gemini)));
    }
    config
        .route("/api/tags", web::get().to(list_ollama_models))
        .route("/api/show", web::post().to(show_ollama_model))
        .route("/api/version", web::get().to(show_ollama_version))
        .route("/state", web::get().to(show_state))
        .default_service(web::to(nothing_here));
}

/// What the mock has seen so far: the number and latest bodies of requests for a reply, the latest requests of any
/// kind, and the number of open and abandoned replies.
async fn show_state(state: web::Data<State>) -> HttpResponse {
    let seen = state.requests();
    let bodies: Vec<&Value> = seen.iter().filter(|one| one.is_for_reply).map(|one| &one.body).collect();
    let all: Vec<Value> = seen.iter().map(describe).collect();
    HttpResponse::Ok().json(json!({
        "count": state.count(), "requests": bodies, "all": all, "open": state.open(), "aborted": state.aborted(),
    }))
}

fn describe(seen: &SeenRequest) -> Value {
    let outcome = match seen.outcome {
        Outcome::Open => "open",
        Outcome::Ended => "ended",
        Outcome::Left(_) => "left",
    };
    json!({
        "number": seen.number, "method": seen.method, "path": seen.path, "query": seen.query,
        "headers": seen.headers, "body": seen.body, "outcome": outcome,
    })
}

/// The protocol of a shared path.
fn protocol_of(request: &HttpRequest) -> Protocol {
    let headers = request.headers();
    if headers.contains_key("anthropic-version") {
        Protocol::Messages
    } else if headers.contains_key("x-goog-api-key") || request.path().starts_with("/v1beta/") {
        Protocol::Gemini
    } else {
        Protocol::Chat
    }
}

async fn list_models(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let protocol = protocol_of(&request);
    list(protocol, &request, &state, || match protocol {
        Protocol::Messages => models::anthropic(),
        Protocol::Gemini => models::gemini(),
        _ => models::openai(),
    })
}

async fn show_model(request: HttpRequest, id: web::Path<String>, state: web::Data<State>) -> HttpResponse {
    let protocol = protocol_of(&request);
    list(protocol, &request, &state, || match protocol {
        Protocol::Messages => models::anthropic_model(&id),
        Protocol::Gemini => models::gemini_model(&id),
        _ => models::openai_model(&id),
    })
}

async fn list_ollama_models(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    list(Protocol::Ollama, &request, &state, models::ollama)
}

async fn show_ollama_version(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    list(Protocol::Ollama, &request, &state, || json!({ "version": "0.12.0" }))
}

async fn show_ollama_model(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    state.remember(seen(&request, body, Outcome::Ended, false));
    if let Some(refusal) = reply::check_key(Protocol::Ollama, &request, &state) {
        return refusal;
    }
    if model.parse::<crate::Script>().is_err() {
        return reply::refuse(Protocol::Ollama, 404, &format!("model '{model}' not found"), None);
    }
    HttpResponse::Ok().json(models::ollama_model())
}

fn list(
    protocol: Protocol,
    request: &HttpRequest,
    state: &State,
    answer: impl FnOnce() -> Value,
) -> HttpResponse {
    state.remember(seen(request, Value::Null, Outcome::Ended, false));
    reply::check_key(protocol, request, state).unwrap_or_else(|| HttpResponse::Ok().json(answer()))
}

/// Also the target of redirects: every request is recorded.
async fn nothing_here(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let body = serde_json::from_slice(&body).unwrap_or_default();
    state.remember(seen(&request, body, Outcome::Ended, false));
    reply::refuse(Protocol::Chat, 404, "Nothing is here.", None)
}

fn seen(request: &HttpRequest, body: Value, outcome: Outcome, is_for_reply: bool) -> SeenRequest {
    let headers = request.headers().iter();
    let text = |name: &header::HeaderName, value: &header::HeaderValue| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<_> = headers.filter_map(|(name, value)| text(name, value)).collect();
    let authorization = headers.iter().find(|(name, _)| name == "authorization");
    SeenRequest {
        number: 0,
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        authorization: authorization.map(|(_, value)| value.clone()),
        headers,
        body,
        is_for_reply,
        outcome,
    }
}
