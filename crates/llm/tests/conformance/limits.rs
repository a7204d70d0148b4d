//! How large an event may be, and how long a provider may say nothing, in every protocol.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use kaiwa_llm::{ErrorKind, Event, EventStream};
use serde_json::{Value, json};

use crate::loose::{
    Piece::{Finish as End, Pause, Raw, Text},
    Reply, Wire, wires,
};

/// A body of these bytes in chunks as large as those of a connection.
fn large(wire: &Wire, bytes: &str) -> EventStream {
    let chunks: Vec<_> =
        bytes.as_bytes().chunks(60_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    (wire.events)(Box::pin(stream::iter(chunks)))
}

#[tokio::test]
async fn an_event_may_have_sixteen_megabytes() {
    for wire in wires() {
        let text = "x".repeat(15 * 1024 * 1024);
        let data: Vec<String> =
            [(wire.text)(0, &text), (wire.finish)()].concat().iter().map(Value::to_string).collect();
        let body: String = data.iter().map(|data| wire.frame(data)).collect();
        assert!(Reply::of(large(&wire, &body).collect().await) == Reply::said(&text), "{}", wire.name);
        let body = wire.frame(&format!("{{\"x\":\"{}\"}}", "x".repeat(17 * 1024 * 1024)));
        let reply = Reply::of(large(&wire, &body).collect().await);
        assert_eq!(reply.error.map(|error| error.0), Some(ErrorKind::Protocol), "{}", wire.name);
    }
}

#[tokio::test]
async fn a_generated_picture_arrives_in_one_event() {
    let picture = "A".repeat(12 * 1024 * 1024);
    let openai = json!({ "choices": [{ "delta": { "content": "Here.", "images": [
        { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{picture}") } },
    ] }, "finish_reason": "stop" }] });
    let gemini = json!({ "candidates": [{ "content": { "parts": [
        { "text": "Here." }, { "inlineData": { "mimeType": "image/png", "data": picture } },
    ] }, "finishReason": "STOP" }] });
    for (name, chunk) in [("openai", openai), ("gemini", gemini)] {
        let wire = wires().into_iter().find(|wire| wire.name == name).unwrap();
        let events: Vec<_> = large(&wire, &wire.frame(&chunk.to_string())).collect().await;
        let kept = events.iter().any(|event| {
            matches!(event, Ok(Event::ProviderBlock(block)) if block.0.to_string().len() > picture.len())
        });
        assert!(kept, "{name}");
        assert_eq!(Reply::of(events), Reply::said("Here."), "{name}");
    }
}

/// A provider that sends these bytes for ever, every so many seconds.
async fn endless(wire: &Wire, bytes: &'static str, every: u64) -> Reply {
    let body = stream::repeat(bytes).then(move |bytes| async move {
        tokio::time::sleep(Duration::from_secs(every)).await;
        Ok(Bytes::from_static(bytes.as_bytes()))
    });
    Reply::of((wire.events)(Box::pin(body)).collect().await)
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_says_anything_is_left() {
    for wire in wires() {
        let empty: &'static str =
            wire.data(Text(""), 0).iter().map(|data| wire.frame(data)).collect::<String>().leak();
        for bytes in [empty, "\n\n", "event: ping\ndata: {}\n\n", ": x\n"] {
            let many = bytes.repeat(1000).leak();
            let reply = endless(&wire, many, 0).await;
            let (kind, detail) = reply.error.unwrap();
            assert_eq!(kind, ErrorKind::Protocol, "{} {bytes:?}", wire.name);
            assert!(detail.contains("without content"), "{detail}");
            let reply = endless(&wire, bytes, 10).await;
            let (kind, detail) = reply.error.unwrap();
            assert_eq!(
                (kind, detail.as_str()),
                (ErrorKind::Timeout, "the provider sent no content for 10 minutes")
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_may_think_in_silence_for_minutes() {
    for wire in wires() {
        let pieces = [&[Raw(": thinking\n\n"), Pause(20)].repeat(25)[..], &[Text("Hi"), End]].concat();
        assert_eq!(wire.read(&pieces).await, Reply::said("Hi"), "{}", wire.name);
    }
}
