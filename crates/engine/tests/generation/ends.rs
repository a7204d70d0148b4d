//! How replies end, what they cost, and what is asked for them.

use kaiwa_shared::message::{Effort, Usage};
use std::time::Duration;

use kaiwa_engine::{Limits, Options};
use kaiwa_llm::{Error, ErrorKind, Event, Message, ProviderBlock, Role, ToolCallDelta};
use kaiwa_shared::{
    message::{self, Citation, Finish, MessageOptions, Part, Status},
    model::{Abilities, Prices},
};

use serde_json::{Value, json};

use crate::support::{Act, Scene, Scripted, offer, offer_with, options, read, saying, text, whole};

#[tokio::test]
async fn a_reply_that_takes_too_long_is_ended_and_kept() {
    let provider = Scripted::new([Act::SayAndHang(vec![Ok(text("Well,"))])]);
    let limits = Limits { reply_time: Duration::from_millis(100), ..Limits::default() };
    let scene = Scene::new(vec![offer("a", &provider)], Options { limits, ..options() }).await;
    let reply = scene.say(None, "a", "Hi").await;
    assert_eq!(reply.end, Some((Status::Interrupted, Some(Finish::Length))));
    assert_eq!(reply.text(), "Well,");
    assert!(matches!(reply.parts.last(), Some(Part::Error { .. })));
    assert_eq!(provider.open(), 0, "the provider's stream is closed");
}

#[tokio::test]
async fn a_title_that_fails_does_no_harm() {
    let provider = Scripted::new([whole([text("Hello")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let reply = scene.say(None, "a", "How do I greet people?").await;
    assert_eq!((reply.end.unwrap().0, reply.text().as_str()), (Status::Complete, "Hello"));
    let conversation = scene
        .store
        .read()
        .await
        .unwrap()
        .conversations()
        .find(scene.owner, reply.conversation.unwrap())
        .await
        .unwrap();
    assert_eq!(conversation.unwrap().title, "How do I greet people?");
}

#[tokio::test]
async fn a_cost_that_the_provider_does_not_name_follows_from_the_prices() {
    let usage = Usage { input_tokens: 1000, output_tokens: 100, cached_tokens: 500, ..Usage::default() };
    let named = Usage { cost_micros: Some(7), ..usage };
    let provider =
        Scripted::new([whole([text("a"), Event::Usage(usage)]), whole([text("b"), Event::Usage(named)])]);
    let prices = Some(Prices { input: 3.0, output: 15.0, cached: Some(0.3) });
    let abilities = Abilities { prices, ..Abilities::default() };
    let scene = Scene::new(vec![offer_with("a", &provider, abilities)], options()).await;
    for cost in [1500 + 150 + 1500, 7] {
        let reply = scene.say(None, "a", "Hi").await;
        let stored = scene.stored(reply.reply.unwrap()).await.usage.unwrap();
        assert_eq!((stored.cost_micros, stored.estimated), (Some(cost), false));
    }
}

#[tokio::test]
async fn what_is_asked_beyond_the_default_reaches_the_model() {
    let provider = Scripted::new([whole([text("a")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let asked = MessageOptions {
        effort: Some(message::Effort::Low),
        temperature: Some(0.5),
        max_tokens: Some(99),
        context_tokens: None,
    };
    let reply = read(
        scene
            .send({
                let mut message = saying(None, "a", "Hi");
                message.options = asked;
                message
            })
            .await,
    )
    .await;
    let request = provider.requests().remove(0);
    assert_eq!(
        (request.effort, request.temperature, request.max_tokens),
        (Some(Effort::Low), Some(0.5), Some(99))
    );
    assert_eq!(request.conversation, reply.conversation.map(|id| id.to_string()));
    assert!(request.context_tokens.is_some_and(|tokens| tokens >= 99));
    assert_eq!(scene.stored(reply.reply.unwrap()).await.options, asked);
}

#[tokio::test]
async fn what_is_asked_again_is_what_was_asked_at_first() {
    let busy =
        Error { retry_after: Some(Duration::from_millis(1)), ..Error::new(ErrorKind::Unavailable, "busy") };
    let provider = Scripted::new([Act::Say(vec![Err(busy)]), whole([text("Hello")]), whole([text("Again")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let reply = scene.say(None, "a", "Hi").await;
    assert_eq!(reply.text(), "Hello");
    scene.say(reply.conversation, "a", "And now?").await;
    let told: Vec<_> = provider.requests().into_iter().map(|request| request.messages).collect();
    let hi = Message::text(Role::User, "Hi");
    // The first message of a conversation is not read from the database, what is asked after it is.
    let [first, again, next] = &told[..] else { panic!("{told:?}") };
    assert_eq!((first.as_slice(), again), ([hi.clone()].as_slice(), first));
    let hello = Message::text(Role::Assistant, "Hello");
    assert_eq!(*next, [hi, hello, Message::text(Role::User, "And now?")]);
}

/// A call of a tool, all of it.
fn call(index: u32) -> Event {
    Event::ToolCall(ToolCallDelta {
        index,
        id: format!("c{index}"),
        name: "look".to_owned(),
        arguments: "{}".to_owned(),
    })
}

#[tokio::test]
async fn a_reply_with_too_many_parts_is_ended_and_kept() {
    let source =
        || Event::Citation(Citation { url: "https://example.com".to_owned(), ..Citation::default() });
    let thought = || Event::Reasoning("hm".to_owned());
    let cases: [(&str, Vec<Event>, usize); 5] = [
        ("as many calls as are allowed", (0..128).map(call).collect(), 128),
        ("calls", (0..20_000).map(call).collect(), 128),
        ("calls between texts", (0..20_000).flat_map(|n| [text("so"), call(n)]).collect(), 257),
        ("sources", (0..20_000).map(|_| source()).collect(), 4096),
        ("thoughts between texts", (0..20_000).flat_map(|_| [thought(), text("so")]).collect(), 4096),
    ];
    for (name, events, expected) in cases {
        let provider = Scripted::new([whole(events)]);
        let scene = Scene::new(vec![offer("a", &provider)], options()).await;
        let reply = scene.say(None, "a", "Hi").await;
        let parts = reply.parts.iter().filter(|part| !part.is_error()).count();
        assert_eq!(parts, expected, "{name}");
        let is_whole = expected == 128 && name.starts_with("as many");
        let status = if is_whole { Status::Complete } else { Status::Interrupted };
        assert_eq!(reply.end.unwrap().0, status, "{name}");
        assert_eq!(scene.stored(reply.reply.unwrap()).await.parts.len(), reply.parts.len(), "{name}");
    }
}

#[tokio::test]
async fn a_reply_whose_provider_blocks_are_too_large_is_ended_and_kept() {
    const MIB: usize = 1024 * 1024;
    let picture = |bytes: usize| json!({ "image": "A".repeat(bytes - "image".len()) });
    let nested = |bytes: usize| json!([[{ "a": ["A".repeat(bytes - 1)] }, null], true]);
    let cases: [(&str, Vec<Value>, usize); 3] = [
        ("as much as is allowed", vec![picture(9 * MIB), nested(7 * MIB - 16)], 2),
        ("a byte more", vec![picture(16 * MIB + 1), picture(10)], 1),
        ("many small ones", vec![nested(MIB); 40], 16),
    ];
    for (name, blocks, expected) in cases {
        let is_whole = blocks.len() == expected;
        let blocks = blocks.into_iter().map(|block| Event::ProviderBlock(ProviderBlock(block)));
        let provider =
            Scripted::new([whole([text("Here. ")].into_iter().chain(blocks).chain([text("And more.")]))]);
        let scene = Scene::new(vec![offer("a", &provider)], options()).await;
        let reply = scene.say(None, "a", "Draw it.").await;
        let (status, said) =
            if is_whole { (Status::Complete, "Here. And more.") } else { (Status::Interrupted, "Here. ") };
        assert_eq!((reply.end.unwrap().0, reply.text().as_str()), (status, said), "{name}");
        let id = reply.reply.unwrap();
        let mut tx = scene.store.read().await.unwrap();
        let conversation = reply.conversation.unwrap();
        let history = tx.messages().history(scene.owner, conversation, id, None, 1).await.unwrap();
        assert_eq!(history[0].provider_blocks.len(), expected, "{name}");
    }
}
