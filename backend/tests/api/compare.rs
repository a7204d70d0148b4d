//! Parallel replies of several models.

use kaiwa_shared::{
    message::Status,
    stream::{Created, Started, StreamEvent},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Events, TestApp, message, numbered, regenerate, within};

/// A message for three models.
fn for_three(content: &str) -> Value {
    let mut new = message("mock-tokens-50-rate-50", content);
    new["beside"] = json!(["llm/echo", "llm/mock-tokens-5-rate-0"]);
    new
}

/// The first event, and the siblings that it names.
async fn created(events: &mut Events) -> (StreamEvent, Vec<Started>) {
    let Some((1, event)) = events.next().await else { panic!("no first event") };
    let StreamEvent::Created(Created { parallel, .. }) = &event else { panic!("{event:?}") };
    let parallel = parallel.clone();
    (event, parallel)
}

#[actix_web::test]
async fn several_models_reply_to_one_message() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let new = for_three("hello");
    let mut events = app.say(&user, &new).await;
    let (event, parallel) = created(&mut events).await;
    let StreamEvent::Created(Created { conversation_id, message_id, model, .. }) = event.clone() else {
        panic!("{event:?}")
    };
    assert_eq!(model, "llm/mock-tokens-50-rate-50");
    let models: Vec<_> = parallel.iter().map(|other| other.model.as_str()).collect();
    assert_eq!(models, ["llm/echo", "llm/mock-tokens-5-rate-0"]);
    // Each reply can be followed separately.
    let mut texts = Vec::new();
    for other in &parallel {
        let reply = app.follow(&user, other.generation_id, None).await.rest().await;
        assert_eq!(reply.status, Some(Status::Complete));
        texts.push(reply.text().trim().to_owned());
    }
    assert_eq!(texts, ["hello".to_owned(), numbered(5)]);
    // A repeated request names the same replies.
    let mut again = app.say(&user, &new).await;
    assert_eq!(created(&mut again).await.0, event);
    assert_eq!(again.rest().await.text().trim(), numbered(50));
    assert_eq!(events.rest().await.text().trim(), numbered(50));

    let app = app.restart(&[]).await;
    let transcript = app.transcript(&user, conversation_id).await;
    assert_eq!(transcript.messages.len(), 2);
    let last = transcript.messages.last().unwrap();
    assert_eq!(last.id, message_id);
    assert_eq!(last.siblings.len(), 3);
    let shown: Vec<_> = transcript.parallel.iter().map(|reply| reply.text().trim().to_owned()).collect();
    assert_eq!(shown, texts, "they stand beside each other after a reload");
    assert!(transcript.parallel.iter().all(|reply| reply.siblings == last.siblings));

    // The conversation continues from the selected reply.
    let path = format!("/api/conversations/{conversation_id}/show");
    app.ask(&user, Method::POST, &path, &json!({ "message_id": parallel[0].message_id })).await;
    let transcript = app.transcript(&user, conversation_id).await;
    assert_eq!(transcript.messages.last().unwrap().id, parallel[0].message_id);
    assert_eq!(transcript.parallel.len(), 2);
    app.say(&user, &within(message("mock-tokens-5-rate-0", "go on"), conversation_id)).await.rest().await;
    let transcript = app.transcript(&user, conversation_id).await;
    assert_eq!((transcript.messages.len(), transcript.parallel.len()), (4, 0));
}

#[actix_web::test]
async fn parallel_replies_can_be_stopped_separately() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut new = message("mock-tokens-50-rate-50", "hello");
    new["beside"] = json!(["llm/mock-tokens-2000-rate-200"]);
    let mut events = app.say(&user, &new).await;
    let (event, parallel) = created(&mut events).await;
    let StreamEvent::Created(Created { conversation_id, .. }) = event else { panic!("{event:?}") };
    let transcript = app.transcript(&user, conversation_id).await;
    assert!(transcript.running.is_some());
    assert_eq!(transcript.parallel[0].status, Status::Streaming);
    assert_eq!(transcript.parallel[0].generation_id, Some(parallel[0].generation_id));
    app.stop(&user, parallel[0].generation_id).await;
    let stopped = app.follow(&user, parallel[0].generation_id, None).await.rest().await;
    assert_eq!(stopped.status, Some(Status::Stopped));
    assert_eq!(events.rest().await.status, Some(Status::Complete));
}

#[actix_web::test]
async fn a_reply_can_be_regenerated_by_several_models() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let first = events.created().await;
    events.rest().await;
    let mut wish = regenerate("mock-tokens-5-rate-0", first.reply);
    wish["beside"] = json!(["llm/echo"]);
    let mut events = app.say(&user, &wish).await;
    let (_, parallel) = created(&mut events).await;
    events.rest().await;
    app.follow(&user, parallel[0].generation_id, None).await.rest().await;
    let transcript = app.transcript(&user, first.conversation).await;
    assert_eq!(transcript.messages.last().unwrap().siblings.len(), 3);
    assert_eq!(
        transcript.parallel.len(),
        1,
        "the older reply is an alternative, not a part of the comparison"
    );
}

#[actix_web::test]
async fn the_limit_counts_every_reply() {
    let app = TestApp::spawn_with(&[("MAX_GENERATIONS_PER_USER", "2")]).await;
    let user = app.register("ada").await;
    let refused = app.refused(&user, &for_three("hello")).await;
    assert_eq!(refused, (429, "too_many_generations".to_owned()));
    let mut two = message("mock-tokens-2000-rate-200", "hello");
    two["beside"] = json!(["llm/mock-tokens-2000-rate-200"]);
    let mut events = app.say(&user, &two).await;
    let (_, parallel) = created(&mut events).await;
    assert_eq!(app.refused(&user, &message("echo", "more")).await.0, 429);
    // A repeated request starts nothing new.
    let mut again = app.say(&user, &two).await;
    assert_eq!(created(&mut again).await.1, parallel);
    app.stop(&user, parallel[0].generation_id).await;
    app.follow(&user, parallel[0].generation_id, None).await.rest().await;
    app.say(&user, &message("echo", "more")).await.rest().await;
}

#[actix_web::test]
async fn one_unknown_model_fails_the_whole_request() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut new = message("echo", "hello");
    new["beside"] = json!(["llm/echo", "llm/nobody"]);
    assert_eq!(app.refused(&user, &new).await, (422, "model_not_found".to_owned()));
    let list = app.ask(&user, Method::GET, "/api/conversations", &json!({})).await.1;
    assert_eq!(list["items"], json!([]));
}
