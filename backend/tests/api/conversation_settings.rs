//! A conversation's system prompt and default options, and content as a list of parts.

use kaiwa_shared::message::Part;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, body, message, within};

/// The body of the last request to `model` for a reply. The one for a title may come before or after it.
fn last_request(app: &TestApp, model: &str) -> Value {
    let requests = app.mock.requests();
    let is_title =
        |body: &Value| body["messages"][0]["content"].as_str().is_some_and(|text| text.contains("title"));
    let mut bodies = requests.into_iter().rev().map(|request| request.body);
    bodies.find(|body| body["model"] == model && !is_title(body)).unwrap()
}

async fn send(app: &TestApp, user: &TestUser, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let response = app.send(user, method, path, body).send().await.unwrap();
    (response.status().as_u16(), crate::support::body(response).await)
}

#[actix_web::test]
async fn a_conversations_settings_reach_the_model_until_they_are_removed() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let new = json!({ "title": "Brief", "system_prompt": "Be brief.", "options": { "temperature": 0.5, "max_tokens": 9 } });
    let (status, created) = send(&app, &user, Method::POST, "/api/conversations", &new).await;
    assert_eq!((status, &created["system_prompt"]), (201, &json!("Be brief.")));
    assert_eq!(created["options"], json!({ "temperature": 0.5, "max_tokens": 9 }));
    let id = created["id"].as_str().unwrap().parse().unwrap();
    let path = format!("/api/conversations/{id}");

    let mut first = within(message("echo", "hello"), id);
    first["options"] = json!({ "temperature": 0.25 });
    app.say(&user, &first).await.rest().await;
    let asked = last_request(&app, "echo");
    assert_eq!(asked["messages"][0], json!({ "role": "system", "content": "Be brief." }));
    assert_eq!(asked["temperature"], 0.25, "the message's own option wins");
    assert_eq!(asked["max_tokens"], 9, "the limit comes from the conversation");
    let listed = body(app.get(&user, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(listed["items"][0].get("system_prompt"), None, "the list does not carry prompts");
    let found = body(app.get(&user, &path).send().await.unwrap()).await;
    assert_eq!(found["system_prompt"], "Be brief.");

    let change = json!({ "system_prompt": "", "options": {} });
    let (status, changed) = send(&app, &user, Method::PATCH, &path, &change).await;
    assert_eq!((status, changed.get("system_prompt")), (200, None));
    app.say(&user, &within(message("echo", "again"), id)).await.rest().await;
    let asked = last_request(&app, "echo");
    assert_eq!(asked["messages"][0]["role"], "user");
    assert_eq!(asked.get("temperature"), None);
}

#[actix_web::test]
async fn settings_are_sent_with_the_first_message_of_a_conversation() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut feed = app.listen(&user).await;
    let settings =
        json!({ "system_prompt": "Be brief.", "options": { "temperature": 0.5, "context_tokens": 4000 } });
    let mut first = message("echo", "hello");
    first["settings"] = settings.clone();
    let mut events = app.say(&user, &first).await;
    let id = events.created().await.conversation;
    events.rest().await;
    let asked = last_request(&app, "echo");
    assert_eq!(asked["messages"][0], json!({ "role": "system", "content": "Be brief." }));
    assert_eq!(asked["temperature"], 0.5);
    let path = format!("/api/conversations/{id}");
    let found = body(app.get(&user, &path).send().await.unwrap()).await;
    assert_eq!(
        (&found["system_prompt"], &found["options"]),
        (&settings["system_prompt"], &settings["options"])
    );
    let again = app.say(&user, &first).await.created().await;
    assert_eq!(again.conversation, id, "a repeat creates no second conversation");

    app.say(&user, &within(message("echo", "again"), id)).await.rest().await;
    assert_eq!(last_request(&app, "echo")["messages"][0]["content"], "Be brief.");
    let transcript = app.transcript(&user, id).await;
    assert_eq!(serde_json::to_value(&transcript.settings).unwrap(), settings);

    send(&app, &user, Method::PATCH, &path, &json!({ "system_prompt": "Rhyme." })).await;
    loop {
        let event = serde_json::to_value(feed.next().await.unwrap()).unwrap();
        if let Some(prompt) = event["settings"]["system_prompt"].as_str() {
            assert_eq!(prompt, "Rhyme.", "the other pages hear of the change");
            break;
        }
    }
}

#[actix_web::test]
async fn a_temporary_conversation_has_settings_too() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut new = message("echo", "hello");
    new["temporary"] = json!([{ "author": "user", "text": "one" }, { "author": "assistant", "text": "two" }]);
    new["settings"] =
        json!({ "system_prompt": "Be brief.", "options": { "temperature": 0.5, "max_tokens": 9 } });
    new["options"] = json!({ "temperature": 0.25 });
    app.say(&user, &new).await.rest().await;
    let asked = last_request(&app, "echo");
    assert_eq!(asked["messages"][0], json!({ "role": "system", "content": "Be brief." }));
    assert_eq!((&asked["temperature"], &asked["max_tokens"]), (&json!(0.25), &json!(9)));
}

#[actix_web::test]
async fn settings_of_a_stored_conversation_are_not_sent_with_a_message() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("echo", "hello")).await;
    let created = events.created().await;
    events.rest().await;
    let settings = json!({ "system_prompt": "Be brief." });
    for (field, value) in [
        ("conversation_id", json!(created.conversation)),
        ("regenerate", json!(created.reply)),
        ("continue", json!(created.reply)),
    ] {
        let mut refused = message("echo", "again");
        if field != "conversation_id" {
            refused["content"] = json!("");
        }
        refused[field] = value;
        refused["settings"] = settings.clone();
        let (status, problem) = send(&app, &user, Method::POST, "/api/chat/stream", &refused).await;
        let fault = &problem["errors"][0];
        assert_eq!(
            (status, &fault["field"], &fault["code"]),
            (422, &json!("settings"), &json!("contradicts")),
            "{field}"
        );
        assert!(fault["detail"].as_str().unwrap().contains("PATCH"), "{fault}");
    }
    for (settings, field) in [
        (json!({ "system_prompt": "x".repeat(64 * 1024 + 1) }), "settings.system_prompt"),
        (json!({ "system_prompt": "a\0b" }), "settings.system_prompt"),
        (json!({ "options": { "temperature": -1.0 } }), "settings.options.temperature"),
        (json!({ "options": { "context_tokens": 0 } }), "settings.options.context_tokens"),
    ] {
        let mut refused = message("echo", "hello");
        refused["settings"] = settings;
        let (status, problem) = send(&app, &user, Method::POST, "/api/chat/stream", &refused).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)));
    }
    let mut unknown = message("echo", "hello");
    unknown["settings"] = json!({ "temperature": 1.0 });
    let (status, problem) = send(&app, &user, Method::POST, "/api/chat/stream", &unknown).await;
    assert!(status == 422 && problem.to_string().contains("unknown field"), "{problem}");
}

#[actix_web::test]
async fn settings_that_no_model_could_take_are_refused() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (settings, field) in [
        (json!({ "system_prompt": "x".repeat(64 * 1024 + 1) }), "system_prompt"),
        (json!({ "system_prompt": "a\0b" }), "system_prompt"),
        (json!({ "options": { "temperature": 3.0 } }), "options.temperature"),
        (json!({ "options": { "max_tokens": 0 } }), "options.max_tokens"),
        (json!({ "options": { "context_tokens": 0 } }), "options.context_tokens"),
    ] {
        let (status, problem) = send(&app, &user, Method::POST, "/api/conversations", &settings).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[actix_web::test]
async fn content_is_a_string_or_a_list_of_parts() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut listed = message("echo", "");
    listed["content"] = json!([{ "type": "text", "text": "Hel" }, { "type": "text", "text": "lo" }]);
    let mut events = app.say(&user, &listed).await;
    let created = events.created().await;
    assert_eq!(events.rest().await.text(), "Hello");
    let stored = app.transcript(&user, created.conversation).await.messages.remove(0);
    assert_eq!(stored.parts, [Part::Text { text: "Hello".to_owned() }]);

    let mut repeated = listed.clone();
    repeated["content"] = json!("Hello");
    let again = app.say(&user, &repeated).await.created().await;
    assert_eq!(again.reply, created.reply, "a string with the same text is the same request");

    let path = format!("/api/messages/{}", stored.id);
    let edit = json!({ "content": [{ "type": "text", "text": "Good evening" }] });
    let (status, edited) = send(&app, &user, Method::PATCH, &path, &edit).await;
    assert_eq!((status, &edited["parts"][0]["text"]), (200, &json!("Good evening")));

    let mut unknown = message("echo", "");
    unknown["content"] = json!([{ "type": "smell", "text": "roses" }]);
    let (status, problem) = send(&app, &user, Method::POST, "/api/chat/stream", &unknown).await;
    assert_eq!(status, 422, "{problem}");
    let mut empty = message("echo", "");
    empty["content"] = json!([]);
    let (status, problem) = send(&app, &user, Method::POST, "/api/chat/stream", &empty).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("content")));
}
