//! Messages that are queued behind a running reply.

use kaiwa_shared::{
    ConversationId,
    conversation::QueuedMessage,
    feed::{FeedEvent, QueueChanged},
    message::{Message, Status},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Feed, TestApp, TestUser, message, numbered, within};

/// A message that can be queued.
fn waiting(model: &str, content: &str, conversation: ConversationId) -> Value {
    let mut message = within(message(model, content), conversation);
    message["queue"] = json!(true);
    message
}

async fn queued(app: &TestApp, user: &TestUser, id: ConversationId) -> Vec<String> {
    app.transcript(user, id).await.queued.into_iter().map(|message| message.content.text()).collect()
}

/// Waits until `count` replies of a conversation have ended.
async fn ended(feed: &mut Feed, count: usize) {
    for _ in 0..count {
        feed.find(|event| matches!(event, FeedEvent::GenerationEnded(_)).then_some(())).await;
    }
}

#[actix_web::test]
async fn queued_messages_are_sent_in_order_after_the_reply() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut feed = app.listen(&user).await;
    let mut events = app.say(&user, &message("mock-tokens-50-rate-50", "first")).await;
    let created = events.created().await;
    let id = created.conversation;
    let mut second = waiting("echo", "second", id);
    second["options"] = json!({ "temperature": 0.5 });
    let answer: QueuedMessage = serde_json::from_value(app.queue(&user, &second).await).unwrap();
    assert_eq!((answer.conversation_id, answer.content.text().as_str()), (id, "second"));
    assert_eq!(json!(answer.id), second["client_message_id"]);
    assert_eq!(answer.model.as_deref(), Some("llm/echo"));
    let again: QueuedMessage = serde_json::from_value(app.queue(&user, &second).await).unwrap();
    assert_eq!(again, answer, "once, however often it is sent");
    app.queue(&user, &waiting("mock-tokens-5-rate-0", "third", id)).await;
    assert_eq!(queued(&app, &user, id).await, ["second", "third"]);

    events.rest().await;
    ended(&mut feed, 3).await;
    let transcript = app.transcript(&user, id).await;
    let texts: Vec<_> = transcript.messages.iter().map(|message| message.text().trim().to_owned()).collect();
    let (fifty, five) = (numbered(50), numbered(5));
    assert_eq!(texts, ["first", fifty.as_str(), "second", "second", "third", five.as_str()]);
    assert_eq!(transcript.messages[3].options.temperature, Some(0.5));
    assert_eq!(transcript.queued, []);
    // Repeating a queued message returns the reply that it got.
    let mut repeat = app.say(&user, &second).await;
    assert_eq!(repeat.created().await.reply, transcript.messages[3].id);
    assert_eq!(repeat.rest().await.text(), "second");
}

#[actix_web::test]
async fn without_a_running_reply_a_message_is_sent_immediately() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut first = message("mock-tokens-5-rate-0", "first");
    first["queue"] = json!(true);
    let mut events = app.say(&user, &first).await;
    let id = events.created().await.conversation;
    events.rest().await;
    let reply = app.say(&user, &waiting("echo", "second", id)).await.rest().await;
    assert_eq!((reply.text().as_str(), reply.status), ("second", Some(Status::Complete)));
}

#[actix_web::test]
async fn after_a_stop_queued_messages_wait_for_their_owner() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "first")).await;
    let created = events.created().await;
    let id = created.conversation;
    let (one, two, three) =
        (waiting("echo", "one", id), waiting("echo", "two", id), waiting("echo", "three", id));
    for message in [&one, &two, &three] {
        app.queue(&user, message).await;
    }
    app.stop(&user, created.generation).await;
    assert_eq!(events.rest().await.status, Some(Status::Stopped));
    let app = app.restart(&[]).await;
    assert_eq!(queued(&app, &user, id).await, ["one", "two", "three"], "a restart sends nothing by itself");

    let path = |message: &Value| {
        let item = message["client_message_id"].as_str().unwrap();
        format!("/api/conversations/{id}/queue/{item}")
    };
    assert_eq!(app.ask(&user, Method::DELETE, &path(&one), &json!({})).await.0, 204);
    assert_eq!(app.ask(&user, Method::DELETE, &path(&one), &json!({})).await.0, 404);
    let mut feed = app.listen(&user).await;
    let send = format!("{}/send", path(&two));
    let (status, started) = app.ask(&user, Method::POST, &send, &json!({})).await;
    assert_eq!((status, &started["model"]), (202, &json!("llm/echo")));
    let again = app.ask(&user, Method::POST, &send, &json!({})).await;
    assert_eq!(again, (202, started), "sent once");
    // The next message in the queue follows.
    ended(&mut feed, 2).await;
    let transcript = app.transcript(&user, id).await;
    let texts: Vec<_> = transcript.messages[2..].iter().map(Message::text).collect();
    assert_eq!(texts, ["two", "two", "three", "three"]);
    assert_eq!(transcript.queued, []);
    let refused = app.ask(&user, Method::POST, &format!("{}/send", path(&one)), &json!({})).await;
    assert_eq!(refused.0, 404, "what was deleted is not sent");
}

#[actix_web::test]
async fn every_page_sees_the_queue() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "first")).await;
    let created = events.created().await;
    let mut feed = app.listen(&user).await;
    let new = waiting("echo", "later", created.conversation);
    app.queue(&user, &new).await;
    let queue = |event| match event {
        FeedEvent::Queue(QueueChanged { conversation_id, queued }) => Some((conversation_id, queued)),
        _ => None,
    };
    let (id, waiting) = feed.find(queue).await;
    assert_eq!((id, waiting.len()), (created.conversation, 1));
    assert_eq!(waiting[0].content.text(), "later");
    let item = new["client_message_id"].as_str().unwrap();
    let path = format!("/api/conversations/{id}/queue/{item}");
    assert_eq!(app.ask(&user, Method::DELETE, &path, &json!({})).await.0, 204);
    assert_eq!(feed.find(queue).await, (id, Vec::new()));
    app.stop(&user, created.generation).await;
    events.rest().await;
}

#[actix_web::test]
async fn another_users_queue_is_not_found() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mut events = app.say(&ada, &message("mock-tokens-2000-rate-200", "first")).await;
    let created = events.created().await;
    let new = waiting("echo", "private", created.conversation);
    app.queue(&ada, &new).await;
    let item = new["client_message_id"].as_str().unwrap();
    let path = format!("/api/conversations/{}/queue/{item}", created.conversation);
    assert_eq!(app.ask(&eve, Method::DELETE, &path, &json!({})).await.0, 404);
    assert_eq!(app.ask(&eve, Method::POST, &format!("{path}/send"), &json!({})).await.0, 404);
    assert_eq!(app.refused(&eve, &waiting("echo", "intruder", created.conversation)).await.0, 404);
    assert_eq!(queued(&app, &ada, created.conversation).await, ["private"]);
    app.stop(&ada, created.generation).await;
    events.rest().await;
}

#[actix_web::test]
async fn a_queued_message_does_not_count_as_a_running_reply() {
    let app = TestApp::spawn_with(&[("MAX_GENERATIONS_PER_USER", "1")]).await;
    let user = app.register("ada").await;
    let mut feed = app.listen(&user).await;
    let mut events = app.say(&user, &message("mock-tokens-50-rate-50", "first")).await;
    let id = events.created().await.conversation;
    app.queue(&user, &waiting("echo", "second", id)).await;
    events.rest().await;
    ended(&mut feed, 2).await;
    assert_eq!(app.transcript(&user, id).await.messages[3].text(), "second");
}

#[actix_web::test]
async fn a_queued_message_does_not_wait_for_the_title() {
    // The title is requested with the same wait as a reply.
    let slow = "mock-tokens-5-rate-0-wait-1500";
    let app = TestApp::spawn_with(&[("LLM_MODEL", slow)]).await;
    let user = app.register("ada").await;
    let mut feed = app.listen(&user).await;
    let mut events = app.say(&user, &message(slow, "How do I set up nginx at home?")).await;
    let first = events.created().await;
    app.queue(&user, &waiting(slow, "more", first.conversation)).await;
    events.rest().await;
    // The queued message is sent before the title arrives.
    let started = feed
        .find(|event| match event {
            FeedEvent::GenerationStarted(started) if started.generation_id != first.generation => {
                Some(started)
            }
            FeedEvent::Conversation(changed) => {
                assert_eq!(changed.conversation.title, "How do I set up nginx at home?");
                None
            }
            _ => None,
        })
        .await;
    assert_eq!(started.conversation_id, first.conversation);
    feed.find(|event| match event {
        FeedEvent::Conversation(changed)
            if changed.conversation.title != "How do I set up nginx at home?" =>
        {
            Some(())
        }
        _ => None,
    })
    .await;
}
