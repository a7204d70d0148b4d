//! Limits on parallel replies and on the length of a reply.

use kaiwa_shared::{
    message::{Finish, Status},
    stream::{StreamEnd, StreamEvent},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, body, message};

const SLOW: &str = "mock-tokens-2000-rate-200";

#[actix_web::test]
async fn each_user_has_a_limit_of_parallel_replies() {
    let app = TestApp::spawn_with(&[("MAX_GENERATIONS_PER_USER", "2")]).await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mut first = app.say(&ada, &message(SLOW, "one")).await;
    let created = first.created().await;
    let _second = app.say(&ada, &message(SLOW, "two")).await;
    let third = message(SLOW, "three");
    let refused = app.send(&ada, Method::POST, "/api/chat/stream", &third).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(body(refused).await["code"], "too_many_generations");
    app.say(&eve, &message(SLOW, "mine")).await.created().await;

    // Nothing was stored, and the message is accepted when the limit allows it again.
    let list = body(app.get(&ada, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let stop = format!("/api/generations/{}/stop", created.generation);
    app.send(&ada, Method::POST, &stop, &json!({})).send().await.unwrap();
    assert_eq!(first.rest().await.status, Some(Status::Stopped));
    app.say(&ada, &third).await.created().await;
}

#[actix_web::test]
async fn all_users_together_have_a_limit_of_parallel_replies() {
    let app = TestApp::spawn_with(&[("MAX_GENERATIONS", "1")]).await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let _first = app.say(&ada, &message(SLOW, "one")).await;
    let refused =
        app.send(&eve, Method::POST, "/api/chat/stream", &message(SLOW, "two")).send().await.unwrap();
    assert_eq!(body(refused).await["code"], "too_many_generations");
}

#[actix_web::test]
async fn an_endless_reply_is_cut_off_and_kept() {
    let model = "mock-endless-rate-0";
    let app = TestApp::spawn_with(&[("LLM_MODEL", model), ("MAX_REPLY_BYTES", "50000")]).await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message(model, "tell me everything")).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    let Some((_, StreamEvent::End(StreamEnd { status, finish }))) = reply.events.last() else {
        panic!("no end")
    };
    assert_eq!((*status, *finish), (Status::Interrupted, Some(Finish::Length)));
    assert!(reply.error().unwrap().detail.contains("longer than this server allows"));
    assert!(reply.text().len() >= 50_000 && reply.text().len() < 2_000_000, "{}", reply.text().len());
    app.provider_saw_aborted(1).await;
    let stored = app.transcript(&user, conversation).await.messages;
    let stored = stored.last().unwrap();
    assert_eq!((stored.text(), stored.status, stored.finish), (reply.text(), *status, *finish));
}
