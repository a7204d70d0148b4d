//! A conversation gets its title after its first reply, and nothing waits for that.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_engine::{FeedListener, Limits, Options};
use kaiwa_shared::{ConversationId, feed::FeedEvent, message::Status, sse::Decoder};
use tokio::time::timeout;

use crate::support::{Scene, Scripted, offer, options, text, whole};

async fn title(scene: &Scene, id: ConversationId) -> String {
    let mut tx = scene.store.read().await.unwrap();
    tx.conversations().find(scene.owner, id).await.unwrap().unwrap().title
}

/// Waits until the feed tells this title.
async fn told(page: &mut FeedListener, title: &str) {
    let wanted = async {
        loop {
            let (bytes, mut frames) = (page.next().await.unwrap(), Vec::new());
            Decoder::new().push(&bytes, &mut frames);
            let mut events = frames.iter().map(|frame| frame.read().unwrap());
            if events.any(|event| matches!(event, FeedEvent::Conversation(changed) if changed.conversation.title == title)) {
                return;
            }
        }
    };
    timeout(Duration::from_secs(5), wanted).await.expect("the title in the feed");
}

#[tokio::test]
async fn neither_the_end_nor_the_next_message_waits_for_a_title() {
    let (provider, permits) = Scripted::titling(["Hello", "Fine", "Good"].map(|reply| whole([text(reply)])));
    let limits = Limits { per_user: 1, ..Limits::default() };
    let scene = Scene::new(vec![offer("a", &provider)], Options { limits, ..options() }).await;
    let mut page = scene.engine.feed().listen(scene.owner).await;
    let reply = timeout(Duration::from_secs(5), scene.say(None, "a", "How do I greet people?")).await;
    let reply = reply.expect("the end of the reply");
    let id = reply.conversation.unwrap();
    assert_eq!(reply.end.unwrap().0, Status::Complete);
    assert_eq!(title(&scene, id).await, "How do I greet people?");
    told(&mut page, "How do I greet people?").await;
    // The limit is one reply.
    let next = timeout(Duration::from_secs(5), scene.say(Some(id), "a", "And then?")).await.unwrap();
    assert_eq!(next.end.unwrap().0, Status::Complete);
    assert_eq!(title(&scene, id).await, "How do I greet people?");
    permits.add_permits(1);
    told(&mut page, "A greeting").await;
    assert_eq!(title(&scene, id).await, "A greeting");
    assert_eq!(scene.say(Some(id), "a", "Bye").await.end.unwrap().0, Status::Complete);
    assert_eq!(title(&scene, id).await, "A greeting", "only the first reply gives a title");
}
