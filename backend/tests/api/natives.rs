//! Provider blocks are sent back to the provider they came from, and to no other, with every protocol that has them.

use kaiwa_mock_llm::{MockLlm, SIGNATURE};
use kaiwa_shared::{
    ConversationId,
    message::{Part, Status},
};
use serde_json::{Value, json};

use crate::support::{Collected, TestApp, TestUser, message};

/// A server that offers the scripted provider once for each protocol, and twice for one of them.
async fn app(models: &str) -> (TestApp, TestUser, MockLlm) {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let root = format!("http://{}", mock.address());
    let preset = |protocol: &str, path: &str| json!({ "url": format!("{root}{path}"), "model": models, "protocol": protocol });
    let presets = json!({
        "anthropic": preset("anthropic", "/v1"),
        "gemini": preset("gemini", "/v1beta"),
        "chat": preset("openai", "/v1"),
        "responses": preset("responses", "/v1"),
        "elsewhere": preset("responses", "/v1"),
    });
    let app = TestApp::spawn_with(&[("PRESET_MODELS", &presets.to_string())]).await;
    let user = app.register("ada").await;
    (app, user, mock)
}

async fn say(
    app: &TestApp,
    user: &TestUser,
    conversation: Option<ConversationId>,
    model: &str,
    content: &str,
) -> (ConversationId, Collected) {
    ask(app, user, conversation, &json!({ "model": model }), content).await
}

/// Sends `content` with additional fields in the request.
async fn ask(
    app: &TestApp,
    user: &TestUser,
    conversation: Option<ConversationId>,
    fields: &Value,
    content: &str,
) -> (ConversationId, Collected) {
    let mut body = message("", content);
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    if let Some(id) = conversation {
        body["conversation_id"] = json!(id);
    }
    let mut events = app.say(user, &body).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    assert_eq!(reply.status, Some(Status::Complete), "{fields}: {:?}", reply.error());
    (conversation, reply)
}

/// The provider's request that contains `content`.
fn asked(mock: &MockLlm, content: &str) -> Value {
    let requests = mock.requests();
    requests.iter().find(|seen| seen.body.to_string().contains(content)).unwrap().body.clone()
}

#[actix_web::test]
async fn signed_reasoning_is_sent_back_to_its_provider() {
    let (app, user, mock) = app("mock-thinking-tokens-3,echo").await;
    for (slug, field) in [("anthropic", "\"signature\""), ("gemini", "\"thoughtSignature\"")] {
        let (conversation, reply) =
            say(&app, &user, None, &format!("{slug}/mock-thinking-tokens-3"), "think").await;
        assert!(matches!(reply.parts.first(), Some(Part::Reasoning { .. })), "{slug}: {:?}", reply.parts);
        assert!(
            !format!("{:?}", reply.events).contains(field.trim_matches('"')),
            "{slug}: no reader gets it"
        );

        let next = format!("and next, {slug}?");
        say(&app, &user, Some(conversation), &format!("{slug}/echo"), &next).await;
        let sent = asked(&mock, &next).to_string();
        assert!(sent.contains(field), "{slug}: {sent}");

        let elsewhere = format!("and you, instead of {slug}?");
        say(&app, &user, Some(conversation), "chat/echo", &elsewhere).await;
        assert!(!asked(&mock, &elsewhere).to_string().contains(field), "{slug}");
    }
}

#[actix_web::test]
async fn a_hosted_search_is_sent_back_only_to_its_provider() {
    let (app, user, mock) = app("citations,echo").await;
    let (conversation, reply) = say(&app, &user, None, "anthropic/citations", "search").await;
    let kinds = |wanted: fn(&Part) -> bool| reply.parts.iter().filter(|part| wanted(part)).count();
    assert_eq!(kinds(|part| matches!(part, Part::ToolCall { .. })), 1, "{:?}", reply.parts);
    assert_eq!(kinds(|part| matches!(part, Part::ToolResult(_))), 1);
    assert_eq!(kinds(|part| matches!(part, Part::Citation(_))), 2);

    say(&app, &user, Some(conversation), "anthropic/echo", "and next?").await;
    assert!(asked(&mock, "and next?").to_string().contains("web_search_tool_result"));
    for slug in ["chat", "gemini"] {
        let next = format!("and you, {slug}?");
        say(&app, &user, Some(conversation), &format!("{slug}/echo"), &next).await;
        assert!(!asked(&mock, &next).to_string().contains("web_search"), "{slug}");
    }
}

#[actix_web::test]
async fn encrypted_reasoning_is_sent_back_only_to_its_provider() {
    let (app, user, mock) = app("mock-thinking-tokens-3,mock-redacted-tokens-3,echo").await;
    for (model, is_told) in [("mock-thinking-tokens-3", true), ("mock-redacted-tokens-3", false)] {
        let fields = json!({ "model": format!("responses/{model}"), "options": { "effort": "high" } });
        let (conversation, reply) = ask(&app, &user, None, &fields, "think").await;
        assert!(!format!("{:?}", reply.events).contains(SIGNATURE), "{model}: no reader gets it");
        let thoughts = reply.parts.iter().find_map(|part| match part {
            Part::Reasoning { text, .. } => Some(text),
            _ => None,
        });
        assert_eq!(thoughts.is_some(), is_told, "{model}: {:?}", reply.parts);

        let next = format!("and next, {model}?");
        say(&app, &user, Some(conversation), "responses/echo", &next).await;
        let items = asked(&mock, &next)["input"].clone();
        let summary: Vec<_> =
            thoughts.map(|text| json!({ "type": "summary_text", "text": text })).into_iter().collect();
        let sealed = json!({
            "type": "reasoning", "id": "item_0", "summary": summary, "encrypted_content": SIGNATURE,
        });
        assert_eq!(items[1], sealed, "{model}: {items}");
        assert_eq!(
            (&items[2]["type"], &items[2]["role"]),
            (&json!("message"), &json!("assistant")),
            "{items}"
        );

        // Another provider with the same protocol cannot read it.
        for slug in ["elsewhere", "chat", "anthropic", "gemini"] {
            let next = format!("and you, {slug}, instead of {model}?");
            say(&app, &user, Some(conversation), &format!("{slug}/echo"), &next).await;
            let sent = asked(&mock, &next).to_string();
            assert!(!sent.contains(SIGNATURE) && !sent.contains("encrypted_content"), "{slug}: {sent}");
        }
    }
}
