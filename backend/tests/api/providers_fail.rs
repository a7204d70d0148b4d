//! All failures of a provider. Each must leave the user's message, a reply that says how it ended, a last event, no
//! connection to the provider, and a conversation that can continue.

use std::time::Duration;

use futures_util::future::join_all;
use kaiwa_shared::{
    Code,
    message::{Part, Status},
    stream::{StreamEnd, StreamEvent},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{Collected, TestApp, TestUser, message, numbered};

/// A server with these models and one that works.
async fn app(models: &[&str]) -> (TestApp, TestUser) {
    let models = format!("echo,{}", models.join(","));
    let app = TestApp::spawn_with(&[("LLM_MODEL", &models)]).await;
    let user = app.register("ada").await;
    (app, user)
}

/// Asks a model and checks what must hold in all cases.
async fn ask(app: &TestApp, user: &TestUser, model: &str) -> Collected {
    let mut events = app.say(user, &message(model, "keep this")).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    let Some((_, StreamEvent::End(StreamEnd { status, .. }))) = reply.events.last() else {
        panic!("{model}: no end")
    };
    assert_ne!(*status, Status::Streaming, "{model}");

    let stored = app.transcript(user, conversation).await;
    let [question, answer] = stored.messages.as_slice() else { panic!("{model}: {:?}", stored.messages) };
    assert_eq!((question.text().as_str(), answer.status), ("keep this", *status), "{model}");
    assert_eq!(answer.parts, *reply.parts, "{model}: what was shown is what is kept");
    assert_eq!(stored.running, None, "{model}");
    wait_until_left(app, model).await;

    let mut again = message("echo", "go on");
    again["conversation_id"] = json!(conversation);
    let next = app.say(user, &again).await.rest().await;
    assert_eq!((next.status, next.text().as_str()), (Some(Status::Complete), "go on"), "{model}");
    reply
}

/// Asks models, four at a time.
async fn ask_each(app: &TestApp, user: &TestUser, models: &[&'static str]) -> Vec<(&'static str, Collected)> {
    let mut replies = Vec::new();
    for models in models.chunks(4) {
        replies
            .extend(join_all(models.iter().map(async |model| (*model, ask(app, user, model).await))).await);
    }
    replies
}

async fn wait_until_left(app: &TestApp, model: &str) {
    let left = async {
        while app.mock.open_streams() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), left)
        .await
        .unwrap_or_else(|_| panic!("{model}: the provider's connection is still open"));
}

fn code(reply: &Collected) -> Option<Code> {
    reply.error().map(|problem| problem.code)
}

#[actix_web::test]
async fn refusals_are_distinguished_and_never_show_the_key() {
    let cases = [
        ("mock-error-400", Code::ProviderRejected),
        ("mock-error-401", Code::ProviderAuth),
        ("mock-error-403", Code::ProviderAuth),
        ("mock-error-404", Code::ModelNotFound),
        ("mock-html-403", Code::ProviderAuth),
        ("mock-blank-401", Code::ProviderAuth),
        ("mock-error-402", Code::ProviderQuota),
    ];
    let (app, user) = app(&cases.map(|(model, _)| model)).await;
    for (model, expected) in cases {
        let reply = ask(&app, &user, model).await;
        assert_eq!((reply.status, code(&reply)), (Some(Status::Failed), Some(expected)), "{model}");
        let problem = reply.error().unwrap();
        assert!(problem.detail.chars().count() <= 501, "{model}");
        assert!(!format!("{:?}", reply.events).contains("canary"), "{model}: the key is never shown");
    }
}

#[actix_web::test]
async fn a_failing_provider_and_an_unreachable_one_are_distinguished() {
    let models = ["mock-error-500", "mock-error-502", "mock-error-529", "mock-html-503"];
    let (app, user) = app(&models).await;
    for (model, reply) in ask_each(&app, &user, &models).await {
        let told = (reply.status, code(&reply));
        assert_eq!(told, (Some(Status::Failed), Some(Code::ProviderUnavailable)), "{model}");
    }
    let unreachable = ["http://127.0.0.1:1/v1", "http://nobody.invalid/v1"].map(async |url| {
        let app = TestApp::spawn_with(&[("LLM_API_URL", url)]).await;
        let user = app.register("ada").await;
        let reply = app.say(&user, &message("mock", "hello")).await.rest().await;
        assert_eq!(
            (reply.status, code(&reply)),
            (Some(Status::Failed), Some(Code::ProviderUnreachable)),
            "{url}"
        );
    });
    join_all(unreachable).await;
}

#[actix_web::test]
async fn a_silent_provider_is_disconnected() {
    let (hang, stall) = ("mock-hang", "mock-stall-3");
    let variables = [
        ("LLM_MODEL", "mock-hang,mock-stall-3,echo"),
        ("PROVIDER_FIRST_BYTE_SECONDS", "1"),
        ("PROVIDER_IDLE_SECONDS", "1"),
    ];
    let app = TestApp::spawn_with(&variables).await;
    let user = app.register("ada").await;
    let reply = ask(&app, &user, hang).await;
    assert_eq!((reply.status, code(&reply)), (Some(Status::Failed), Some(Code::ProviderTimeout)));
    let reply = ask(&app, &user, stall).await;
    assert_eq!((reply.status, code(&reply)), (Some(Status::Interrupted), Some(Code::ProviderTimeout)));
    assert_eq!(reply.text().trim(), numbered(3));
}

#[actix_web::test]
async fn a_stream_that_breaks_anywhere_keeps_complete_tokens() {
    let models = ["mock-utf8-tear-10", "mock-tear-10", "mock-end-10", "tools-cutcall", "tools-endcall"];
    let (app, user) = app(&models).await;
    for (model, reply) in ask_each(&app, &user, &models).await {
        assert_eq!(reply.status, Some(Status::Interrupted), "{model}");
        assert!(reply.error().is_some(), "{model}");
        assert!(!reply.text().is_empty() && !reply.text().contains('\u{fffd}'), "{model}: {}", reply.text());
        let ran = reply.parts.iter().any(|part| matches!(part, Part::ToolResult(_)));
        assert!(!ran, "{model}: half a call is no call");
    }
}

#[actix_web::test]
async fn unusual_but_valid_responses_work() {
    let models = [
        "mock-trailing",
        "mock-twice",
        "mock-garbage",
        "mock-empty",
        "mock-cr",
        "mock-crlf",
        "mock-bom",
        "mock-lines",
        "mock-nodone",
        "mock-tokens-20-drip",
    ];
    let (app, user) = app(&models).await;
    for (model, reply) in ask_each(&app, &user, &models).await {
        assert_eq!(
            (reply.status, reply.text().trim()),
            (Some(Status::Complete), numbered(20).as_str()),
            "{model}"
        );
    }
}

#[actix_web::test]
async fn a_protocol_violation_is_one_error() {
    let models = [
        "mock-weird",
        "mock-nested",
        "mock-huge-100000",
        "mock-bomb-64",
        "mock-gzipcut",
        "mock-misencoded",
        "mock-html",
        "mock-error-200",
        "mock-redirect-302",
    ];
    let (app, user) = app(&models).await;
    for (model, reply) in ask_each(&app, &user, &models).await {
        let whole = reply.text().trim() == numbered(20);
        assert_eq!(reply.status == Some(Status::Complete), whole && reply.error().is_none(), "{model}");
        assert!(reply.text().len() < 1000, "{model}");
    }
}

#[actix_web::test]
async fn a_burst_arrives_completely() {
    let model = "mock-tokens-10000-rate-0";
    let (app, user) = app(&[model]).await;
    let reply = ask(&app, &user, model).await;
    assert_eq!(reply.text().trim(), numbered(10_000));
}

#[actix_web::test]
async fn fragments_of_parallel_tool_calls_are_assigned_correctly() {
    let model = "tools-interleaved";
    let (app, user) = app(&[model]).await;
    let reply = ask(&app, &user, model).await;
    let calls: Vec<_> = reply
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall { name, arguments, .. } => Some((name.as_str(), arguments.as_str())),
            _ => None,
        })
        .collect();
    let [("get_weather", first), ("get_time", second)] = calls[..] else { panic!("{calls:?}") };
    for arguments in [first, second] {
        serde_json::from_str::<serde_json::Value>(arguments).unwrap();
    }
}

#[actix_web::test]
async fn no_header_of_a_failed_provider_is_forwarded() {
    let model = "mock-headers";
    let (app, user) = app(&[model]).await;
    let response =
        app.send(&user, Method::POST, "/api/chat/stream", &message(model, "hello")).send().await.unwrap();
    for header in ["set-cookie", "location", "www-authenticate", "proxy-authenticate"] {
        assert!(!response.headers().contains_key(header), "{header}");
    }
}

#[actix_web::test]
async fn a_recovered_provider_is_used_again_immediately() {
    let model = "mock-first-3-error-503";
    let (app, user) = app(&[model]).await;
    assert_eq!(app.say(&user, &message(model, "hello")).await.rest().await.status, Some(Status::Failed));
    let reply = ask(&app, &user, model).await;
    assert_eq!(reply.text().trim(), numbered(20));
}
