//! Retries and fallbacks before the first token, and how the reader learns of them.

use kaiwa_shared::{
    Code,
    message::Status,
    stream::{Retrying, StreamEvent},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{Collected, TestApp, message, numbered};

/// The announced retries: number, wait in milliseconds, provider and reason.
fn retries(reply: &Collected) -> Vec<(u32, u64, Option<&str>, Code)> {
    reply
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            StreamEvent::Retrying(Retrying { attempt, wait_ms, model, problem }) => {
                Some((*attempt, *wait_ms, model.as_deref(), problem.code))
            }
            _ => None,
        })
        .collect()
}

/// How often the scripted provider was asked for a reply of this model, except for titles.
fn asked(app: &TestApp, model: &str) -> usize {
    let is_title = |messages: &serde_json::Value| messages[0]["role"] == "system";
    let requests = app.mock.requests();
    requests.iter().filter(|seen| seen.body["model"] == model && !is_title(&seen.body["messages"])).count()
}

#[actix_web::test]
async fn a_request_is_retried_twice_before_the_user_sees_an_error() {
    let model = "mock-first-2-error-503";
    let app = TestApp::spawn_with(&[("LLM_MODEL", model)]).await;
    let user = app.register("ada").await;
    let reply = app.say(&user, &message(model, "hello")).await.rest().await;
    assert_eq!((reply.status, reply.text().trim()), (Some(Status::Complete), numbered(20).as_str()));
    let retries = retries(&reply);
    let [(2, first, None, Code::ProviderUnavailable), (3, second, None, Code::ProviderUnavailable)] =
        retries[..]
    else {
        panic!("{retries:?}")
    };
    assert!((400..=600).contains(&first) && (1200..=1800).contains(&second), "{first}, {second}");
    assert_eq!(asked(&app, model), 3);
}

#[actix_web::test]
async fn a_short_retry_after_is_waited_for_and_a_long_one_is_reported() {
    let (short, words, long, date) = (
        "mock-first-1-error-429-after-1",
        "mock-error-429-afterjunk",
        "mock-error-429-after-3600",
        "mock-error-429-afterdate",
    );
    let models = [short, words, long, date].join(",");
    let app = TestApp::spawn_with(&[("LLM_MODEL", &models)]).await;
    let user = app.register("ada").await;

    let reply = app.say(&user, &message(short, "hello")).await.rest().await;
    assert_eq!(reply.status, Some(Status::Complete));
    let [(2, wait, None, Code::ProviderRateLimit)] = retries(&reply)[..] else { panic!("{reply:?}") };
    assert!((1000..=1200).contains(&wait), "{wait}");

    let reply = app.say(&user, &message(words, "hello")).await.rest().await;
    assert_eq!((reply.status, retries(&reply).len(), asked(&app, words)), (Some(Status::Failed), 1, 2));

    for model in [long, date] {
        let reply = app.say(&user, &message(model, "hello")).await.rest().await;
        assert_eq!((reply.status, retries(&reply).len(), asked(&app, model)), (Some(Status::Failed), 0, 1));
        let problem = reply.error().unwrap();
        assert_eq!(problem.code, Code::ProviderRateLimit);
        assert!(problem.retry_after.is_some_and(|seconds| seconds >= 3600), "{model}: {problem:?}");
    }
}

#[actix_web::test]
async fn a_permanent_error_is_not_retried() {
    let models = ["mock-error-400", "mock-error-401", "mock-error-402", "mock-error-403", "mock-error-404"];
    let app = TestApp::spawn_with(&[("LLM_MODEL", &models.join(","))]).await;
    let user = app.register("ada").await;
    for model in models {
        let reply = app.say(&user, &message(model, "hello")).await.rest().await;
        assert_eq!((reply.status, asked(&app, model)), (Some(Status::Failed), 1), "{model}");
    }
}

#[actix_web::test]
async fn a_fallback_replies_when_the_first_provider_fails() {
    let fallbacks = json!({
        "llm/mock-error-500": ["llm/mock-error-401", "llm/nobody", "llm/mock"],
        "llm/mock-error-400": ["llm/mock"],
    });
    let variables = [
        ("LLM_MODEL", "mock-error-500,mock-error-401,mock-error-400,mock"),
        ("MODEL_FALLBACKS", &fallbacks.to_string()),
    ];
    let app = TestApp::spawn_with(&variables).await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-error-500", "hello")).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    assert_eq!((reply.status, reply.text().trim()), (Some(Status::Complete), numbered(20).as_str()));
    assert!(reply.error().is_none());
    let models: Vec<_> =
        retries(&reply).iter().map(|(attempt, _, model, _)| (*attempt, model.map(str::to_owned))).collect();
    let expected = [(2, None), (3, None), (4, Some("llm/mock-error-401")), (5, Some("llm/mock"))];
    assert_eq!(models, expected.map(|(attempt, model)| (attempt, model.map(str::to_owned))));
    let stored = app.transcript(&user, conversation).await.messages;
    assert_eq!(stored.last().unwrap().model.as_deref(), Some("llm/mock"), "the one who wrote it");

    // An invalid request would fail on every provider.
    let reply = app.say(&user, &message("mock-error-400", "hello")).await.rest().await;
    assert_eq!((reply.status, retries(&reply).len()), (Some(Status::Failed), 0));
}

#[actix_web::test]
async fn nothing_is_retried_after_the_first_token() {
    let fallbacks = json!({ "llm/mock-cut-10": ["llm/mock"] });
    let variables = [("LLM_MODEL", "mock-cut-10,mock"), ("MODEL_FALLBACKS", &fallbacks.to_string())];
    let app = TestApp::spawn_with(&variables).await;
    let user = app.register("ada").await;
    let reply = app.say(&user, &message("mock-cut-10", "hello")).await.rest().await;
    assert_eq!((reply.status, reply.text().trim()), (Some(Status::Interrupted), numbered(10).as_str()));
    assert_eq!((retries(&reply).len(), asked(&app, "mock-cut-10"), asked(&app, "mock")), (0, 1, 0));
}

#[actix_web::test]
async fn auto_continue_completes_a_cut_off_reply_on_the_fallback() {
    let fallbacks = json!({ "llm/mock-cut-10": ["llm/mock"] });
    let variables = [
        ("LLM_MODEL", "mock-cut-10,mock"),
        ("MODEL_FALLBACKS", &fallbacks.to_string()),
        ("AUTO_CONTINUE", "true"),
    ];
    let app = TestApp::spawn_with(&variables).await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-cut-10", "hello")).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    // The second provider starts over, and the repetition is removed.
    assert_eq!((reply.status, reply.text().trim()), (Some(Status::Complete), numbered(20).as_str()));
    assert!(matches!(
        retries(&reply)[..],
        [(2, 0, Some("llm/mock"), Code::ProviderCutOff | Code::ProviderUnreachable)]
    ));
    let requests = app.mock.requests();
    let second = requests.iter().find(|seen| seen.body["model"] == "mock").unwrap();
    let said = second.body["messages"].as_array().unwrap();
    assert_eq!(
        (&said[1]["role"], said[1]["content"].as_str().unwrap().trim()),
        (&json!("assistant"), numbered(10).as_str())
    );
    assert_eq!(said[2]["role"], "user", "it is told to go on");
    let stored = app.transcript(&user, conversation).await.messages;
    assert_eq!(stored.last().unwrap().text().trim(), numbered(20));
}

#[actix_web::test]
async fn a_reply_can_be_stopped_while_it_waits_for_a_retry() {
    let model = "mock-error-429-after-9";
    let app = TestApp::spawn_with(&[("LLM_MODEL", model)]).await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message(model, "hello")).await;
    let created = events.created().await;
    while !matches!(events.next().await.unwrap().1, StreamEvent::Retrying(_)) {}
    let path = format!("/api/generations/{}/stop", created.generation);
    app.send(&user, Method::POST, &path, &json!({})).send().await.unwrap();
    assert_eq!(events.rest().await.status, Some(Status::Stopped));
    assert_eq!(asked(&app, model), 1);
}
