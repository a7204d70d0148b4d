//! Editing, deleting and forking.

use kaiwa_shared::{
    ConversationId,
    message::{Message, Status},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Created, TestApp, TestUser, message, numbered, regenerate, within};

async fn exchange(app: &TestApp, user: &TestUser, message: &Value) -> Created {
    let mut events = app.say(user, message).await;
    let created = events.created().await;
    assert_eq!(events.rest().await.status, Some(Status::Complete));
    created
}

#[actix_web::test]
async fn saving_an_edit_changes_the_message_in_place() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let turn = exchange(&app, &user, &message("mock-tokens-5-rate-0", "helo")).await;
    let path = format!("/api/messages/{}", turn.question);
    let (status, edited) = app.ask(&user, Method::PATCH, &path, &json!({ "content": "hello" })).await;
    assert_eq!((status, &edited["id"]), (200, &json!(turn.question)));
    assert_eq!(edited.pointer("/parts/0/text").unwrap(), "hello");
    let reply = format!("/api/messages/{}", turn.reply);
    assert_eq!(app.ask(&user, Method::PATCH, &reply, &json!({ "content": "better" })).await.0, 200);
    let transcript = app.transcript(&user, turn.conversation).await;
    let texts: Vec<_> = transcript.messages.iter().map(Message::text).collect();
    assert_eq!(texts, ["hello", "better"]);
    assert!(transcript.messages.iter().all(|message| message.siblings.is_empty()), "no new branch");

    // The model receives the edited text.
    let next = exchange(&app, &user, &within(message("echo", "next"), turn.conversation)).await;
    assert_eq!(next.conversation, turn.conversation);
    let asked = app.mock.requests();
    let asked = asked.iter().rev().find(|request| request.body["model"] == "echo").unwrap();
    let told = asked.body["messages"].to_string();
    assert!(told.contains("hello") && told.contains("better") && !told.contains("helo\""), "{told}");

    for wrong in ["", " \n", "a\0b"] {
        assert_eq!(app.ask(&user, Method::PATCH, &path, &json!({ "content": wrong })).await.0, 422);
    }
}

#[actix_web::test]
async fn a_running_reply_cannot_be_edited() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let running = events.created().await;
    let path = format!("/api/messages/{}", running.reply);
    let (status, problem) = app.ask(&user, Method::PATCH, &path, &json!({ "content": "mine" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    app.stop(&user, running.generation).await;
    events.rest().await;
    assert_eq!(app.ask(&user, Method::PATCH, &path, &json!({ "content": "mine" })).await.0, 200);
}

#[actix_web::test]
async fn deleting_removes_exactly_what_was_announced() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("mock-tokens-5-rate-0", "root")).await;
    let id = root.conversation;
    let second = exchange(&app, &user, &within(message("mock-tokens-5-rate-0", "second"), id)).await;
    let other = exchange(&app, &user, &regenerate("mock-tokens-5-rate-0", root.reply)).await;

    let path = format!("/api/messages/{}", root.question);
    let counted = app.ask(&user, Method::GET, &format!("{path}/subtree"), &json!({})).await;
    assert_eq!(counted, (200, json!({ "messages": 5, "hidden": 3 })));
    let hidden = format!("/api/messages/{}", root.reply);
    let counted = app.ask(&user, Method::GET, &format!("{hidden}/subtree"), &json!({})).await;
    assert_eq!(counted, (200, json!({ "messages": 3, "hidden": 3 })));
    assert_eq!(app.ask(&user, Method::DELETE, &hidden, &json!({})).await, counted);

    let transcript = app.transcript(&user, id).await;
    let ids: Vec<_> = transcript.messages.iter().map(|message| message.id).collect();
    assert_eq!(ids, [root.question, other.reply]);
    assert!(transcript.messages[1].siblings.is_empty());
    for gone in [root.reply, second.question, second.reply] {
        let path = format!("/api/messages/{gone}");
        assert_eq!(app.ask(&user, Method::DELETE, &path, &json!({})).await.0, 404);
    }
    // The shown reply is deleted, and the conversation ends with the question.
    let path = format!("/api/messages/{}", other.reply);
    assert_eq!(app.ask(&user, Method::DELETE, &path, &json!({})).await.0, 200);
    let transcript = app.transcript(&user, id).await;
    assert_eq!(transcript.conversation.active_leaf_id, Some(root.question));
    assert_eq!(transcript.messages.len(), 1);
}

#[actix_web::test]
async fn deleting_a_running_reply_stops_it() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("mock-tokens-5-rate-0", "root")).await;
    let mut events =
        app.say(&user, &within(message("mock-tokens-2000-rate-200", "long"), root.conversation)).await;
    let running = events.created().await;
    events.next().await.expect("the provider to have begun");
    let path = format!("/api/messages/{}", running.question);
    let gone = app.ask(&user, Method::DELETE, &path, &json!({})).await;
    assert_eq!(gone, (200, json!({ "messages": 2, "hidden": 0 })));
    assert_eq!(events.rest().await.status, Some(Status::Stopped), "whoever listens gets an end");
    app.provider_saw_aborted(1).await;
    let transcript = app.transcript(&user, root.conversation).await;
    assert_eq!(transcript.messages.len(), 2, "nothing comes back to life");
    assert_eq!(transcript.running, None);
    let events = format!("/api/generations/{}/events", running.generation);
    assert_eq!(app.get(&user, &events).send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn a_fork_is_independent_of_its_origin() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("mock-tokens-5-rate-0", "root")).await;
    let id = root.conversation;
    exchange(&app, &user, &within(message("mock-tokens-5-rate-0", "second"), id)).await;
    let path = format!("/api/conversations/{id}");
    app.ask(&user, Method::PATCH, &path, &json!({ "title": "Mine" })).await;

    let wish = json!({ "message_id": root.reply });
    let (status, copy) = app.ask(&user, Method::POST, &format!("{path}/fork"), &wish).await;
    assert_eq!((status, &copy["title"]), (201, &json!("Mine (2)")));
    let copy: ConversationId = serde_json::from_value(copy["id"].clone()).unwrap();
    assert_ne!(copy, id);
    let transcript = app.transcript(&user, copy).await;
    let texts: Vec<_> = transcript.messages.iter().map(|message| message.text().trim().to_owned()).collect();
    assert_eq!(texts, ["root".to_owned(), numbered(5)]);
    assert!(
        transcript.messages.iter().all(|message| message.id != root.question && message.id != root.reply)
    );

    exchange(&app, &user, &within(message("mock-tokens-5-rate-0", "other way"), copy)).await;
    assert_eq!(app.ask(&user, Method::DELETE, &path, &json!({})).await.0, 204);
    assert_eq!(app.transcript(&user, copy).await.messages.len(), 4);
}

#[actix_web::test]
async fn a_fork_of_a_running_reply_contains_what_has_arrived() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let running = events.created().await;
    let mut last = 1;
    while last < 5 {
        last = events.next().await.unwrap().0;
    }
    let path = format!("/api/conversations/{}/fork", running.conversation);
    let (status, copy) = app.ask(&user, Method::POST, &path, &json!({ "message_id": running.reply })).await;
    assert_eq!(status, 201);
    let copy: ConversationId = serde_json::from_value(copy["id"].clone()).unwrap();
    let transcript = app.transcript(&user, copy).await;
    let reply = transcript.messages.last().unwrap();
    assert_eq!((reply.status, transcript.running), (Status::Interrupted, None));
    assert!(reply.text().starts_with("t0 t1"), "{}", reply.text());
    assert!(numbered(2000).starts_with(reply.text().trim_end()));
    app.stop(&user, running.generation).await;
    assert_eq!(events.rest().await.status, Some(Status::Stopped), "the original went on");
}
