//! What a provider said beside its words goes back to it unchanged, and to nobody else.

use kaiwa_llm::{Content, Event, ProviderBlock};
use kaiwa_shared::message::Status;
use serde_json::json;

use crate::support::{Act, Scene, Scripted, offer, options, read, saying, text, whole};

fn native(secret: &str) -> ProviderBlock {
    ProviderBlock(json!({ "signature": secret }))
}

fn thought(text: &str) -> Event {
    Event::Reasoning(text.to_owned())
}

#[tokio::test]
async fn native_blocks_go_back_in_their_place_to_the_provider_that_made_them() {
    let signed = whole([
        thought("Hm, "),
        thought("yes."),
        Event::ProviderBlock(native("canary 1")),
        text("Hello"),
        Event::ProviderBlock(native("canary 2")),
    ]);
    let (first, second) =
        (Scripted::new([signed, whole([text("Bye")])]), Scripted::new([whole([text("Ciao")])]));
    let scene = Scene::new(vec![offer("first", &first), offer("second", &second)], options()).await;
    let reply = scene.say(None, "first", "Hi").await;
    assert_eq!((reply.end.unwrap().0, reply.text().as_str()), (Status::Complete, "Hello"));
    assert!(!reply.wire.contains("canary"), "no reader gets it");
    let stored = scene.stored(reply.reply.unwrap()).await;
    assert!(!serde_json::to_string(&stored).unwrap().contains("canary"));

    scene.say(reply.conversation, "first", "And?").await;
    assert_eq!(
        first.requests()[1].messages[1].content,
        [
            Content::Reasoning("Hm, yes.".to_owned()),
            Content::ProviderBlock(native("canary 1")),
            Content::Text("Hello".to_owned()),
            Content::ProviderBlock(native("canary 2")),
        ]
    );
    scene.say(reply.conversation, "second", "And you?").await;
    assert_eq!(second.requests()[0].messages[1].content, [Content::Text("Hello".to_owned())]);
}

#[tokio::test]
async fn half_a_thought_is_not_sent_back() {
    let half =
        Act::SayAndHang(vec![Ok(thought("Hm")), Ok(Event::ProviderBlock(native("half"))), Ok(text("Hello"))]);
    let provider = Scripted::new([half, whole([text("Bye")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let listener = scene.send(saying(None, "a", "Hi")).await;
    while provider.open() == 0 {
        tokio::task::yield_now().await;
    }
    let reading = tokio::spawn(read(listener));
    // The words have come when they are stored; then the reader stops.
    let (conversation, generation) = loop {
        let list =
            scene.store.read().await.unwrap().conversations().list(scene.owner, None, None, 1).await.unwrap();
        if let Some(conversation) = list.items.first()
            && let Some(leaf) = conversation.active_leaf_id
            && let reply = scene.stored(leaf).await
            && reply.text() == "Hello"
        {
            break (conversation.id, reply.generation_id.unwrap());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    scene.engine.generations().stop(scene.owner, generation).await.unwrap();
    assert_eq!(reading.await.unwrap().end.unwrap().0, Status::Stopped);
    assert_eq!(provider.open(), 0, "the provider's stream is closed");
    scene.say(Some(conversation), "a", "And?").await;
    assert_eq!(provider.requests()[1].messages[1].content, [Content::Text("Hello".to_owned())]);
}
