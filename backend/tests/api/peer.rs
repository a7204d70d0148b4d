//! The whole server with a real provider: llama.cpp with a tiny random model.

use std::env;

use kaiwa_shared::message::Status;
use reqwest::Method;

use crate::support::{TestApp, body, message};

#[expect(clippy::disallowed_methods, reason = "the environment says where the server is")]
async fn app() -> TestApp {
    let url =
        env::var("LLAMA_SERVER_URL").expect("LLAMA_SERVER_URL, as crates/llm/tests/peer/serve.sh prints it");
    TestApp::spawn_with(&[("LLM_API_URL", &url), ("LLM_MODEL", "tiny"), ("LLM_API_KEY", "")]).await
}

#[actix_web::test]
#[ignore = "needs the llama.cpp server: `cargo xtask test` starts one"]
async fn the_reply_of_a_real_model_is_stored() {
    let app = app().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("tiny", "Hello there")).await;
    let created = events.created().await;
    let reply = events.rest().await;
    assert_eq!(reply.status, Some(Status::Complete), "{:?}", reply.error());
    assert!(!reply.text().is_empty());
    let stored = app.transcript(&user, created.conversation).await;
    assert_eq!(stored.messages.last().unwrap().parts, *reply.parts);
    assert!(!stored.conversation.title.is_empty());
}

#[actix_web::test]
#[ignore = "needs the llama.cpp server: `cargo xtask test` starts one"]
async fn a_missing_model_of_a_real_provider_is_reported() {
    let app = app().await;
    let user = app.register("ada").await;
    let response =
        app.send(&user, Method::POST, "/api/chat/stream", &message("huge", "Hi")).send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert_eq!(body(response).await["code"], "model_not_found");
}
