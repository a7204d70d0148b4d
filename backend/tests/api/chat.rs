//! From a message to its reply.

use kaiwa_shared::{
    Code, ConversationId,
    message::{Author, Part, Status},
    stream::StreamEvent,
};
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, body, message, numbered};

#[actix_web::test]
async fn a_message_gets_a_stored_reply_and_a_title() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "How do I set up nginx?")).await;
    let created = events.created().await;
    let reply = events.rest().await;

    assert_eq!(reply.text().trim(), numbered(5));
    assert_eq!(reply.status, Some(Status::Complete));
    assert!(reply.events.iter().any(|(_, event)| matches!(event, StreamEvent::Usage(_))));
    assert!(reply.events.iter().any(|(_, event)| matches!(event, StreamEvent::Title(_))));

    let transcript = app.transcript(&user, created.conversation).await;
    assert!(!transcript.conversation.title.is_empty());
    assert_eq!(transcript.running, None);
    let authors: Vec<_> = transcript.messages.iter().map(|message| message.author).collect();
    assert_eq!(authors, [Author::User, Author::Assistant]);
    let stored = transcript.messages.last().unwrap();
    assert_eq!(stored.id, created.reply);
    assert_eq!(stored.parts, *reply.parts);
    assert_eq!(stored.model.as_deref(), Some("llm/mock-tokens-5-rate-0"));
    assert!(stored.usage.is_some());
}

#[actix_web::test]
async fn event_numbers_have_no_gaps() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let reply = app.say(&user, &message("mock-tokens-200-rate-50", "hi")).await.rest().await;
    let numbers: Vec<_> = reply.events.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(numbers, (1..=u64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(reply.text().trim(), numbered(200));
}

#[actix_web::test]
async fn the_model_receives_the_whole_branch() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut first = app.say(&user, &message("mock-tokens-5-rate-0", "first question")).await;
    let conversation = first.created().await.conversation;
    first.rest().await;
    let mut second = message("echo", "second question");
    second["conversation_id"] = json!(conversation);
    assert_eq!(app.say(&user, &second).await.rest().await.text(), "second question");

    let requests = app.mock.requests();
    let asked = requests.iter().rev().find(|request| request.body["model"] == "echo").unwrap();
    let said: Vec<_> = asked.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["content"].as_str().unwrap().trim())
        .collect();
    assert_eq!(said, ["first question", numbered(5).as_str(), "second question"]);
    assert_eq!(asked.authorization.as_deref(), Some("Bearer sk-test-canary-key"));
    assert_eq!(app.transcript(&user, conversation).await.messages.len(), 4);
}

#[actix_web::test]
async fn a_client_message_id_is_one_message_and_one_generation() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let message = message("mock-tokens-200-rate-50", "only once");
    let mut first = app.say(&user, &message).await;
    let created = first.created().await;
    let mut second = app.say(&user, &message).await;
    assert_eq!(second.created().await, created);
    let (first, second) = (first.rest().await, second.rest().await);
    assert_eq!(first.text(), second.text());

    // And once more after it has ended.
    let mut third = app.say(&user, &message).await;
    assert_eq!(third.created().await, created);
    let third = third.rest().await;
    assert_eq!(third.text(), first.text());
    assert_eq!(third.status, Some(Status::Complete));

    assert_eq!(app.transcript(&user, created.conversation).await.messages.len(), 2);
    let asked =
        app.mock.requests().iter().filter(|r| r.body["messages"].to_string().contains("only once")).count();
    assert!(asked <= 2, "one generation and at most one title, not {asked} requests");
}

#[actix_web::test]
async fn a_message_below_a_running_reply_is_refused() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let created = events.created().await;
    let mut next = message("mock", "impatient");
    next["conversation_id"] = json!(created.conversation);
    let response = app.send(&user, Method::POST, "/api/chat/stream", &next).send().await.unwrap();
    assert_eq!(response.status(), 409);
    assert_eq!(body(response).await["code"], Code::Conflict.as_str());
}

#[actix_web::test]
async fn reasoning_precedes_the_answer_and_is_stored_with_its_duration() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("reasoning", "think")).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    assert!(matches!(reply.parts.first(), Some(Part::Reasoning { text, .. }) if !text.is_empty()));
    assert!(matches!(reply.parts.get(1), Some(Part::Text { .. })));
    let stored = app.transcript(&user, conversation).await;
    let first = stored.messages.last().unwrap().parts.first().unwrap().clone();
    assert!(matches!(first, Part::Reasoning { duration_ms: Some(_), .. }), "{first:?}");
}

#[actix_web::test]
async fn tool_calls_are_assembled_from_their_fragments() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let reply = app.say(&user, &message("tools", "use a tool")).await.rest().await;
    let calls: Vec<_> = reply
        .parts
        .iter()
        .filter_map(|part| if let Part::ToolCall { arguments, .. } = part { Some(arguments) } else { None })
        .collect();
    assert_eq!(calls.len(), 2);
    for arguments in calls {
        serde_json::from_str::<serde_json::Value>(arguments).unwrap();
    }
}

#[actix_web::test]
async fn a_provider_error_is_a_part_of_the_reply_with_its_kind() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (model, code, retry_after) in [
        ("mock-error-401", Code::ProviderAuth, None),
        ("mock-error-429-after-30", Code::ProviderRateLimit, Some(30)),
        ("mock-error-500", Code::ProviderUnavailable, None),
        ("mock-html", Code::ProviderProtocol, None),
    ] {
        let mut events = app.say(&user, &message(model, "hello")).await;
        let conversation = events.created().await.conversation;
        let reply = events.rest().await;
        assert_eq!(reply.status, Some(Status::Failed), "{model}");
        let problem = reply.error().unwrap();
        assert_eq!(problem.code, code, "{model}: {}", problem.detail);
        assert_eq!(problem.retry_after, retry_after, "{model}");
        assert!(!problem.detail.contains("sk-test"), "{model}: the key is never shown");
        // Both the user's message and the error are stored.
        let stored = app.transcript(&user, conversation).await;
        assert_eq!(stored.messages.first().unwrap().text(), "hello");
        assert!(matches!(stored.messages.last().unwrap().parts.last(), Some(Part::Error { .. })));
    }
}

#[actix_web::test]
async fn a_broken_stream_keeps_what_has_arrived() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for model in ["mock-cut-10", "mock-end-10", "mock-fail-10"] {
        let mut events = app.say(&user, &message(model, "hello")).await;
        let conversation = events.created().await.conversation;
        let reply = events.rest().await;
        assert_eq!(reply.status, Some(Status::Interrupted), "{model}");
        assert_eq!(reply.text().trim(), numbered(10), "{model}");
        assert!(reply.error().is_some(), "{model}");
        let stored = app.transcript(&user, conversation).await;
        assert_eq!(stored.messages.last().unwrap().text().trim(), numbered(10), "{model}");
        assert_eq!(stored.messages.last().unwrap().status, Status::Interrupted, "{model}");
    }
}

#[actix_web::test]
async fn wire_oddities_do_not_change_the_reply() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for model in ["mock-crlf", "mock-bom", "mock-nodone", "mock-empty"] {
        let reply = app.say(&user, &message(model, "hello")).await.rest().await;
        assert_eq!(reply.status, Some(Status::Complete), "{model}");
        assert_eq!(reply.text().trim(), numbered(20), "{model}");
    }
    let reply = app.say(&user, &message("mock-utf8", "hello")).await.rest().await;
    assert!(!reply.text().contains('\u{fffd}'), "{}", reply.text());
}

#[actix_web::test]
async fn stop_keeps_the_partial_reply_and_closes_the_provider_stream() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let created = events.created().await;
    for _ in 0..5 {
        events.next().await.unwrap();
    }
    let path = format!("/api/generations/{}/stop", created.generation);
    let response = app.send(&user, Method::POST, &path, &json!({})).send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(events.rest().await.status, Some(Status::Stopped));
    app.provider_saw_aborted(1).await;

    let stored = app.transcript(&user, created.conversation).await;
    let reply = stored.messages.last().unwrap();
    assert_eq!(reply.status, Status::Stopped);
    assert!(reply.text().starts_with("t0 t1"));
    // Stopping it again has no effect.
    let response = app.send(&user, Method::POST, &path, &json!({})).send().await.unwrap();
    assert_eq!(response.status(), 204);
}

#[actix_web::test]
async fn a_silent_provider_can_be_stopped() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-stall-3", "hello")).await;
    let created = events.created().await;
    let path = format!("/api/generations/{}/stop", created.generation);
    app.send(&user, Method::POST, &path, &json!({})).send().await.unwrap();
    assert_eq!(events.rest().await.status, Some(Status::Stopped));
}

#[actix_web::test]
async fn an_invalid_message_is_explained_and_not_stored() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut unknown_model = message("mock", "hi");
    unknown_model["model"] = json!("llm/nobody");
    let mut elsewhere = message("mock", "hi");
    elsewhere["conversation_id"] = json!(ConversationId::new());
    let mut misspelt = message("mock", "hi");
    misspelt["contents"] = json!("x");
    for (body_sent, status, code) in [
        (message("mock", "  \n"), 422, "invalid"),
        (message("mock", "a\0b"), 422, "invalid"),
        (message("mock", &"x".repeat(1024 * 1024 + 1)), 422, "invalid"),
        (unknown_model, 422, "model_not_found"),
        (elsewhere, 404, "not_found"),
        (misspelt, 422, "invalid"),
    ] {
        let response = app.send(&user, Method::POST, "/api/chat/stream", &body_sent).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(body(response).await["code"], code);
    }
    let list = body(app.get(&user, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(list["items"], json!([]));
}
