//! The stream of changes for every open page.

use std::time::Duration;

use kaiwa_shared::{
    ConversationId,
    conversation::Conversation,
    feed::{ConversationChanged, ConversationRef, FeedEvent, GenerationEnded, GenerationStarted},
    message::Status,
};
use reqwest::Method;
use serde_json::json;

use crate::support::{Feed, TestApp, message, regenerate, within};

async fn conversation(feed: &mut Feed) -> Conversation {
    feed.find(|event| match event {
        FeedEvent::Conversation(ConversationChanged { conversation, .. }) => Some(conversation),
        _ => None,
    })
    .await
}

async fn changed(feed: &mut Feed) -> ConversationId {
    feed.find(|event| match event {
        FeedEvent::MessagesChanged(ConversationRef { conversation_id }) => Some(conversation_id),
        _ => None,
    })
    .await
}

#[actix_web::test]
async fn every_page_is_notified_of_a_message_and_its_reply() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let (mut one, mut two) = (app.listen(&user).await, app.listen(&user).await);
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let created = events.created().await;
    events.rest().await;
    for feed in [&mut one, &mut two] {
        let new = conversation(feed).await;
        assert_eq!((new.id, new.active_leaf_id), (created.conversation, Some(created.reply)));
        assert_eq!(new.title, "hello", "the first words, until there is a better title");
        let started = FeedEvent::GenerationStarted(GenerationStarted {
            conversation_id: created.conversation,
            message_id: created.reply,
            generation_id: created.generation,
        });
        assert_eq!(feed.next().await, Some(started));
        let ended = FeedEvent::GenerationEnded(GenerationEnded {
            conversation_id: created.conversation,
            message_id: created.reply,
            generation_id: created.generation,
            status: Status::Complete,
        });
        assert_eq!(feed.next().await, Some(ended));
        assert!(!conversation(feed).await.title.is_empty(), "the title follows");
    }
}

#[actix_web::test]
async fn every_change_is_announced() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let first = events.created().await;
    events.rest().await;
    let mut events = app.say(&user, &regenerate("echo", first.reply)).await;
    let second = events.created().await;
    events.rest().await;
    let id = first.conversation;
    let path = format!("/api/conversations/{id}");
    let mut feed = app.listen(&user).await;

    app.ask(&user, Method::PATCH, &path, &json!({ "title": "Renamed" })).await;
    assert_eq!(conversation(&mut feed).await.title, "Renamed");
    let wish = json!({ "message_id": first.reply });
    app.ask(&user, Method::POST, &format!("{path}/show"), &wish).await;
    assert_eq!(conversation(&mut feed).await.active_leaf_id, Some(first.reply));
    let (_, copy) = app.ask(&user, Method::POST, &format!("{path}/fork"), &wish).await;
    assert_eq!(json!(conversation(&mut feed).await.id), copy["id"]);
    let (_, empty) = app.ask(&user, Method::POST, "/api/conversations", &json!({ "title": "New" })).await;
    assert_eq!(json!(conversation(&mut feed).await.id), empty["id"]);
    let question = format!("/api/messages/{}", first.question);
    app.ask(&user, Method::PATCH, &question, &json!({ "content": "hallo" })).await;
    assert_eq!(changed(&mut feed).await, id);
    app.ask(&user, Method::DELETE, &format!("/api/messages/{}", first.reply), &json!({})).await;
    assert_eq!(conversation(&mut feed).await.active_leaf_id, Some(second.reply));
    assert_eq!(changed(&mut feed).await, id);
    app.ask(&user, Method::DELETE, &path, &json!({})).await;
    assert_eq!(
        feed.next().await,
        Some(FeedEvent::ConversationDeleted(ConversationRef { conversation_id: id }))
    );
}

#[actix_web::test]
async fn users_are_not_notified_of_the_changes_of_others() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mut feed = app.listen(&eve).await;
    app.say(&ada, &message("mock-tokens-5-rate-0", "private")).await.rest().await;
    let mut events = app.say(&eve, &message("mock-tokens-5-rate-0", "mine")).await;
    let own = events.created().await.conversation;
    events.rest().await;
    assert_eq!(conversation(&mut feed).await.id, own, "the first thing that is heard");
    assert_eq!(app.request(Method::GET, "/api/events").send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn the_feed_ends_with_the_session_and_with_the_server() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mut feed = app.listen(&ada).await;
    let out = app.request(Method::POST, "/api/auth/logout").bearer_auth(&ada.token).send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert_eq!(feed.next().await, None);

    let mut feed = app.listen(&eve).await;
    let mut events = app.say(&eve, &message("mock-tokens-2000-rate-200", "long")).await;
    events.created().await;
    let stopper = app.stopper();
    let heard = async {
        let status = |event| match event {
            FeedEvent::GenerationEnded(GenerationEnded { status, .. }) => Some(status),
            _ => None,
        };
        let status = feed.find(status).await;
        while feed.next().await.is_some() {}
        status
    };
    let (status, ()) = futures_util::join!(heard, stopper.stop_within(Duration::from_millis(100)));
    assert_eq!(status, Status::Interrupted, "the end is told before the stream is closed");
}

#[actix_web::test]
async fn a_page_can_follow_a_message_from_another_page() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let id = events.created().await.conversation;
    events.rest().await;
    let mut feed = app.listen(&user).await;
    let mut elsewhere = app.say(&user, &within(message("mock-tokens-50-rate-50", "more"), id)).await;
    let created = elsewhere.created().await;
    let generation = feed
        .find(|event| match event {
            FeedEvent::GenerationStarted(GenerationStarted { generation_id, .. }) => Some(generation_id),
            _ => None,
        })
        .await;
    assert_eq!(generation, created.generation);
    let here = app.follow(&user, generation, None).await.rest().await;
    assert_eq!(here.text(), elsewhere.rest().await.text());
}
