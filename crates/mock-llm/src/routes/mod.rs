//! The HTTP surface: every protocol's paths, and `/state` for tests in another process.

mod reply;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Value, json};

use crate::{
    models,
    state::{Outcome, SeenRequest, State},
    surface::Protocol,
};

/// Most bytes of a request's body.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// Every route.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let replies = [
        ("/v1/chat/completions", Protocol::Chat),
        ("/v1/responses", Protocol::Responses),
        ("/v1/messages", Protocol::Messages),
        ("/v1beta/models/{call}", Protocol::Gemini),
        ("/api/chat", Protocol::Ollama),
    ];
    config.app_data(web::PayloadConfig::new(BODY_MAX));
    for (path, protocol) in replies {
        let answer = move |request, body, state| reply::answer(protocol, request, body, state);
        config.service(
            web::resource(path).route(web::post().to(answer)).route(web::get().to(show_gemini_model)),
        );
    }
    config
        .route("/v1/models", web::get().to(list_models))
        .route("/v1/models/{id}", web::get().to(show_model))
        .route("/v1beta/models", web::get().to(list_gemini_models))
        .route("/api/tags", web::get().to(list_ollama_models))
        .route("/api/show", web::post().to(show_ollama_model))
        .route("/api/version", web::get().to(show_ollama_version))
        .route("/state", web::get().to(show_state))
        .default_service(web::to(nothing_here));
}

/// What the mock has seen so far: how many requests for a reply and the bodies of the latest, all about the latest
/// requests of any kind, how many replies are open, and how many their readers have left.
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

async fn list_models(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    if request.headers().contains_key("anthropic-version") {
        return list(Protocol::Messages, &request, &state, models::anthropic);
    }
    list(Protocol::Chat, &request, &state, models::openai)
}

async fn show_model(request: HttpRequest, id: web::Path<String>, state: web::Data<State>) -> HttpResponse {
    if request.headers().contains_key("anthropic-version") {
        return list(Protocol::Messages, &request, &state, || models::anthropic_model(&id));
    }
    list(Protocol::Chat, &request, &state, || models::openai_model(&id))
}

async fn list_gemini_models(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    list(Protocol::Gemini, &request, &state, models::gemini)
}

/// The one path that answers with a model and, to another method, with a reply.
async fn show_gemini_model(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    match request.match_info().get("call") {
        Some(id) => list(Protocol::Gemini, &request, &state, || models::gemini_model(id)),
        None => nothing_here(request, web::Bytes::new(), state).await,
    }
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

/// Also where redirections lead: whoever follows one is remembered.
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
