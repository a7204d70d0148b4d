//! Odd, broken and unfinished responses that are not recorded.

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use kaiwa_llm::{Error, ErrorKind, Event, Finish, ToolCallDelta, openai};
use kaiwa_shared::message::Usage;
use serde_json::{Value, json};

use crate::support::{Reply, read};

async fn body(body: impl Into<Vec<u8>>) -> Reply {
    read(openai::events(stream::iter([Ok(Bytes::from(body.into()))]))).await
}

/// A stream of these chunks, ending with `[DONE]`.
async fn chunks(chunks: &[Value]) -> Reply {
    body(sse(chunks) + "data: [DONE]\n\n").await
}

fn sse(chunks: &[Value]) -> String {
    chunks.iter().flat_map(|chunk| ["data: ".to_owned(), chunk.to_string(), "\n\n".to_owned()]).collect()
}

fn delta(delta: &Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

fn text(text: &str) -> Value {
    delta(&json!({ "content": text }))
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn kind_of(reply: &Reply) -> Option<ErrorKind> {
    reply.error.as_ref().map(|error| error.kind)
}

#[tokio::test]
async fn a_reply_needs_a_finish_reason_or_done_to_be_complete() {
    let said = || sse(&[text("Hi")]);
    assert_eq!(body(said() + &sse(&[finish("stop")])).await, Reply::said("Hi"));
    assert_eq!(body(said() + "data: [DONE]").await, Reply::said("Hi"));
    let cut = body(said()).await;
    assert_eq!((cut.text.as_str(), kind_of(&cut)), ("Hi", Some(ErrorKind::CutOff)));
    assert!(cut.error.unwrap().retryable);
}

#[tokio::test]
async fn a_stream_cut_inside_an_event_keeps_its_text() {
    let cut = body(sse(&[text("Hi")]) + "data: {\"choices\":[{\"delta\":{\"content\":\"the").await;
    assert_eq!((cut.text.as_str(), kind_of(&cut)), ("Hi", Some(ErrorKind::CutOff)));
}

#[tokio::test]
async fn nothing_after_done_counts() {
    let reply =
        body(sse(&[text("Hi")]) + "data: [DONE]\n\n" + &sse(&[text(" again")]) + "data: [DONE]\n\n").await;
    assert_eq!(reply, Reply::said("Hi"));
}

#[tokio::test]
async fn events_are_returned_before_more_bytes_arrive() {
    let first = stream::iter([Ok(Bytes::from(sse(&[text("one"), text("two")])))]);
    let mut events = openai::events(first.chain(stream::pending()));
    assert_eq!(events.next().await, Some(Ok(Event::Text("one".into()))));
    assert_eq!(events.next().now_or_never(), Some(Some(Ok(Event::Text("two".into())))));
    assert_eq!(events.next().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_keeps_the_connection_open_does_not_delay_the_end() {
    let said = stream::iter([Ok(Bytes::from(sse(&[text("Hi"), finish("stop")])))]);
    assert_eq!(read(openai::events(said.chain(stream::pending()))).await, Reply::said("Hi"));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_finish_does_no_harm() {
    let said = Ok(Bytes::from(sse(&[text("Hi"), finish("stop")])));
    let broken = Err(Error::new(ErrorKind::Network, "reset"));
    assert_eq!(read(openai::events(stream::iter([said, broken]))).await, Reply::said("Hi"));
}

#[tokio::test]
async fn odd_chunks_are_skipped() {
    let reply = chunks(&[
        json!({}),
        json!({ "choices": null }),
        json!({ "choices": {} }),
        json!({ "choices": [] }),
        json!({ "choices": [null] }),
        json!({ "choices": [{ "index": 0, "delta": null }] }),
        json!({ "choices": [{ "index": 0, "delta": { "content": 5, "role": [] } }], "error": null, "usage": "free" }),
        json!({ "choices": [
            { "index": 1, "delta": { "content": "another choice" } }, { "index": 0, "delta": {} },
        ] }),
        json!({ "choices": [{ "index": 0, "delta": { "content": "Hi", "tool_calls": null } }], "error": {} }),
        json!({ "choices": [], "usage": { "prompt_tokens": -4, "completion_tokens": "7", "total_tokens": 1.5 } }),
        finish("stop"),
    ])
    .await;
    assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (0, 7));
    assert_eq!(Reply { usage: Usage::default(), ..reply }, Reply::said("Hi"));
}

#[tokio::test]
async fn what_is_not_json_is_skipped_unless_nothing_is() {
    assert_eq!(
        body("data: ping\n\n".to_owned() + &sse(&[text("Hi"), finish("stop")])).await,
        Reply::said("Hi")
    );
    let broken = "data: {\"choices\": [}\n\n";
    let reply = body(sse(&[text("Hi")]) + broken + &sse(&[text(" there"), finish("stop")])).await;
    assert_eq!(reply, Reply::said("Hi there"));
    assert_eq!(kind_of(&body(broken).await), Some(ErrorKind::Protocol));
    let deep = format!("data: {{\"a\":{}{}}}\n\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(kind_of(&body(deep).await), Some(ErrorKind::Protocol));
    assert_eq!(kind_of(&body("data: hello\n\n").await), Some(ErrorKind::Protocol));
    assert_eq!(kind_of(&body("").await), Some(ErrorKind::CutOff));
}

#[tokio::test]
async fn a_stream_error_ends_the_reply_and_keeps_its_usage() {
    for (error, kind) in [
        (json!({ "error": { "message": "boom", "type": "server_error" } }), ErrorKind::Unavailable),
        (json!({ "error": "boom" }), ErrorKind::Unavailable),
        (json!({ "object": "error", "message": "boom", "code": 400 }), ErrorKind::InvalidRequest),
        (json!({ "error": { "message": "boom", "code": "rate_limit_exceeded" } }), ErrorKind::RateLimit),
        (json!({ "detail": "boom" }), ErrorKind::Unavailable),
    ] {
        let usage = json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 2 } });
        let reply = chunks(&[text("Half"), usage, error.clone(), text("lost")]).await;
        assert_eq!((reply.text.as_str(), kind_of(&reply)), ("Half", Some(kind)), "{error}");
        assert_eq!(reply.error.unwrap().detail, "boom");
        assert_eq!(reply.usage.output_tokens, 2);
    }
}

#[tokio::test]
async fn a_whole_reply_yields_the_same_events_as_a_stream() {
    let whole = json!({
        "object": "chat.completion",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "<think>Hm.</think>\nHi", "refusal": null,
            "tool_calls": [
                { "id": "a", "type": "function", "function": { "name": "f", "arguments": { "x": 1 } } },
                { "id": "b", "type": "function", "function": { "name": "g", "arguments": "{}" } },
            ],
        } }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3 },
    });
    let reply = body(format!("\n\n {whole}")).await;
    assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("Hm.", "Hi"));
    assert_eq!(reply.finish, Some(Finish::ToolCalls));
    assert_eq!(
        reply.calls.iter().map(|call| call.arguments.as_str()).collect::<Vec<_>>(),
        ["{\"x\":1}", "{}"]
    );
    assert_eq!(reply.usage.output_tokens, 2);
}

#[tokio::test]
async fn an_error_or_a_page_with_status_200_is_an_error() {
    let key = json!({ "error": { "message": "no such key", "code": "invalid_api_key" } });
    assert_eq!(kind_of(&body(key.to_string()).await), Some(ErrorKind::Auth));
    let page = body("\n<html><head><title>Sign in</title></head></html>").await.error.unwrap();
    assert_eq!((page.kind, page.detail.as_str()), (ErrorKind::Protocol, "the answer is a web page: Sign in"));
    assert_eq!(kind_of(&body("{\"hello\": 1}").await), Some(ErrorKind::Protocol));
    assert_eq!(kind_of(&body("{\"choices\": [{\"mess").await), Some(ErrorKind::CutOff));
}

/// A stream of chunks with these `tool_calls`.
async fn calls(pieces: &[Value]) -> Vec<ToolCallDelta> {
    let mut all: Vec<Value> = pieces.iter().map(|piece| delta(&json!({ "tool_calls": piece }))).collect();
    all.push(finish("tool_calls"));
    chunks(&all).await.calls
}

fn call(index: u32, id: &str, name: &str, arguments: &str) -> ToolCallDelta {
    ToolCallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into() }
}

#[tokio::test]
async fn tool_calls_are_assembled_by_index_then_id_then_order() {
    let by_number = calls(&[
        json!([{ "index": 3, "id": "b", "function": { "name": "g", "arguments": "{" } }]),
        json!([{ "index": 1, "id": "a", "function": { "name": "f", "arguments": "" } }]),
        json!([{ "index": 3, "function": { "arguments": "}" } }, { "index": 1, "function": { "arguments": "{}" } }]),
    ])
    .await;
    assert_eq!(by_number, [call(0, "b", "g", "{}"), call(1, "a", "f", "{}")]);
    let by_id = calls(&[
        json!([{ "id": "a", "function": { "name": "f", "arguments": "{" } }]),
        json!([{ "id": "b", "function": { "name": "g", "arguments": "{" } }]),
        json!([{ "id": "a", "function": { "arguments": "}" } }]),
        json!([{ "id": "b", "function": { "arguments": "}" } }]),
    ])
    .await;
    assert_eq!(by_id, [call(0, "a", "f", "{}"), call(1, "b", "g", "{}")]);
    let by_order = calls(&[
        json!([{ "function": { "name": "f", "arguments": "{\"a\"" } }]),
        json!([{ "function": { "arguments": ":1}" } }]),
        json!([{ "function": { "name": "g", "arguments": { "b": 2 } } }]),
        json!([{ "function": { "name": "g", "arguments": { "b": 3 } } }]),
    ])
    .await;
    assert_eq!(
        by_order,
        [
            call(0, "call_0", "f", "{\"a\":1}"),
            call(1, "call_1", "g", "{\"b\":2}"),
            call(2, "call_2", "g", "{\"b\":3}")
        ]
    );
}

#[tokio::test]
async fn repeated_ids_names_and_arguments_are_not_doubled() {
    let repeated = calls(&[
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{\"x\"" } }]),
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": ":1}" } }]),
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{\"x\":1}" } }]),
    ])
    .await;
    assert_eq!(repeated, [call(0, "a", "f", "{\"x\":1}")]);
    let cumulative = calls(&[
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{" } }]),
        json!([{ "index": 0, "function": { "arguments": "{\"x\"" } }]),
        json!([{ "index": 0, "function": { "arguments": "{\"x\":1}" } }]),
    ])
    .await;
    assert_eq!(cumulative, [call(0, "a", "f", "{\"x\":1}")]);
    let whole = calls(&[
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } }]),
        json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } }]),
    ])
    .await;
    assert_eq!(whole, [call(0, "a", "f", "{\"x\":1}")]);
}

#[tokio::test]
async fn finish_reasons_are_understood_and_unknown_ones_kept() {
    for (word, reason) in [
        ("stop", Finish::Stop),
        ("length", Finish::Length),
        ("model_length", Finish::Length),
        ("content_filter", Finish::ContentFilter),
        ("insufficient_system_resource", Finish::Other),
    ] {
        assert_eq!(chunks(&[text("Hi"), finish(word)]).await.finish, Some(reason));
    }
    // An empty string and `null` are not reasons.
    assert_eq!(kind_of(&body(sse(&[text("Hi"), finish(""), finish("null")])).await), Some(ErrorKind::CutOff));
}

#[tokio::test]
async fn an_error_event_ends_the_reply_in_every_shape() {
    for (event, kind, detail) in [
        ("event: error\ndata: {\"message\":\"boom\"}\n\n", ErrorKind::Unavailable, "boom"),
        (
            "event: error\ndata: {\"error\":{\"message\":\"boom\",\"type\":\"invalid_request_error\"}}\n\n",
            ErrorKind::InvalidRequest,
            "boom",
        ),
        ("event: error\ndata: {}\n\n", ErrorKind::Unavailable, "the provider failed without an explanation"),
        (
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
            ErrorKind::Unavailable,
            "the provider failed without an explanation",
        ),
        (
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\",\"error\":{\"message\":\"boom\",\"code\":429}}]}\n\n",
            ErrorKind::RateLimit,
            "boom",
        ),
    ] {
        let reply = body(sse(&[text("Half")]) + event + &sse(&[text("lost")])).await;
        let error = reply.error.unwrap();
        assert_eq!(
            (reply.text.as_str(), error.kind, error.detail.as_str()),
            ("Half", kind, detail),
            "{event}"
        );
    }
}

#[tokio::test]
async fn a_field_that_comes_twice_does_not_cost_the_reply() {
    let twice = "data: {\"choices\":[],\"choices\":[{\"delta\":{\"content\":\"a\",\"content\":\"Hi\"}}]}\n\n";
    assert_eq!(body(twice.to_owned() + &sse(&[finish("stop")])).await, Reply::said("Hi"));
}

#[tokio::test]
async fn speech_becomes_its_transcript_and_images_are_kept() {
    let image = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } });
    let said = [
        delta(&json!({ "audio": { "id": "a", "data": "AAAA", "transcript": "Hi" } })),
        delta(&json!({ "images": [image] })),
        finish("stop"),
    ];
    let stream = openai::events(stream::iter([Ok(Bytes::from(sse(&said)))]));
    let events: Vec<_> = stream.map(Result::unwrap).collect().await;
    let kept = Event::ProviderBlock(kaiwa_llm::ProviderBlock(json!({ "openai": { "image": image } })));
    assert!(events.contains(&Event::Text("Hi".into())) && events.contains(&kept), "{events:?}");
}

#[tokio::test]
async fn tools_of_an_app_are_matched_with_their_results() {
    let tool = |event: &str, tool: Value| format!("event: {event}\ndata: {}\n\n", json!({ "tool": tool }));
    let reply = body(
        [
            tool("toolCall", json!({ "id": "a", "toolName": "A", "params": "{\"x\":1}" })),
            tool("toolCall", json!({ "id": "b", "functionName": "f" })),
            tool("toolResponse", json!({ "id": "a", "response": "1" })),
            tool("toolResponse", json!({ "id": "", "response": "2" })),
            tool("toolResponse", json!({ "id": "nobody", "response": "3" })),
            "event: answer\ndata: [DONE]\n\n".to_owned(),
        ]
        .concat(),
    )
    .await;
    assert_eq!(reply.calls, [call(0, "a", "A", "{\"x\":1}"), call(1, "b", "f", "{}")]);
    let results: Vec<_> =
        reply.results.iter().map(|result| (result.id.as_str(), result.output.as_str())).collect();
    assert_eq!(results, [("a", "1"), ("b", "2")]);
    assert_eq!(reply.finish, Some(Finish::Stop));
}
