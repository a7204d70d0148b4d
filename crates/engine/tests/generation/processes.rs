//! Two processes on one store and one bus.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_engine::{FeedListener, Limits, Options, SendError};
use kaiwa_shared::{feed::FeedEvent, message::Status, sse::Decoder, stream::StreamEvent};
use tokio::time::timeout;

use crate::support::{Act, Scene, Scripted, offer, options, read, saying, text, whole};

async fn next(page: &mut FeedListener) -> Vec<FeedEvent> {
    let bytes = timeout(Duration::from_secs(5), page.next()).await.unwrap().unwrap();
    let mut frames = Vec::new();
    Decoder::new().push(&bytes, &mut frames);
    frames.iter().map(|frame| frame.read().unwrap()).collect()
}

#[tokio::test]
async fn a_stop_reaches_a_generation_in_another_process() {
    let provider = Scripted::new([Act::SayAndHang(vec![Ok(text("Well,"))])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let other = scene.another_engine().await;
    let mut listener = scene.send(saying(None, "a", "Hi")).await;
    let first = listener.next().await.unwrap();
    let mut frames = Vec::new();
    Decoder::new().push(&first, &mut frames);
    let created = frames.iter().find_map(|frame| match frame.read().unwrap() {
        StreamEvent::Created(created) => Some(created),
        _ => None,
    });
    let generation = created.unwrap().generation_id;
    assert!(!other.generations().stop(kaiwa_shared::UserId::new(), generation).await.unwrap());
    tokio::task::yield_now().await;
    assert_eq!(scene.engine.generations().running(), 1, "a stranger stops nothing");
    assert!(other.generations().stop(scene.owner, generation).await.unwrap());
    let reply = timeout(Duration::from_secs(5), read(listener)).await.unwrap();
    assert_eq!(reply.end.unwrap().0, Status::Stopped);
}

#[tokio::test]
async fn a_page_sees_the_events_of_another_process_in_order() {
    let provider = Scripted::new([whole([text("Hello")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let mut page = scene.another_engine().await.feed().listen(scene.owner).await;
    assert_eq!(next(&mut page).await, [FeedEvent::Ready]);
    scene.say(None, "a", "Hi").await;
    let mut events = Vec::new();
    while !events.iter().any(|event| matches!(event, FeedEvent::GenerationEnded(_))) {
        events.extend(next(&mut page).await);
    }
    let position = |wanted: fn(&FeedEvent) -> bool| events.iter().position(wanted).unwrap();
    let conversation = position(|event| matches!(event, FeedEvent::Conversation(_)));
    let started = position(|event| matches!(event, FeedEvent::GenerationStarted(_)));
    assert!(conversation < started, "{events:?}");
}

#[tokio::test]
async fn two_processes_count_replies_together() {
    let provider = Scripted::new([Act::SayAndHang(vec![Ok(text("Well,"))])]);
    let limits = Limits { per_user: 1, ..Limits::default() };
    let scene = Scene::new(vec![offer("a", &provider)], Options { limits, ..options() }).await;
    let _running = scene.send(saying(None, "a", "Hi")).await;
    let other = scene.another_engine().await;
    let refused = other.conversations().send(scene.owner, saying(None, "a", "Hi")).await;
    assert!(matches!(refused, Err(SendError::OverLimit { .. })));
}
