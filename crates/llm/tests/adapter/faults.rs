//! The adapter against the scripted provider, over real HTTP.

use kaiwa_shared::message::Usage;
use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_llm::{Endpoint, ErrorKind, Event, Finish, OpenAi, Provider, Request, http, openai::Dialect};
use kaiwa_mock_llm::{MockLlm, Options};
use serde_json::json;
use tokio::time::timeout;

use crate::support::{KEY, Reply, ask, provider, provider_at, read, request};

/// Ends a test that hangs; nothing here is a measurement.
const LONG: Duration = Duration::from_secs(30);

fn numbered(word: &str, count: u64) -> String {
    (0..count).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(" ")
}

/// The mock's reply of `count` tokens, with its usage.
fn tokens(count: u64) -> Reply {
    let usage = Usage { input_tokens: 3, output_tokens: count, ..Usage::default() };
    Reply { usage, ..Reply::said(&numbered("t", count)) }
}

fn impatient(change: impl FnOnce(&mut http::Options)) -> http::Client {
    let mut options = http::Options::default();
    change(&mut options);
    http::client(options).unwrap()
}

#[tokio::test]
async fn a_streamed_reply_arrives_whole_and_in_order() {
    let (mock, provider) = provider();
    assert_eq!(ask(&provider, "mock-tokens-2000-rate-0").await, tokens(2000));
    let seen = mock.last_request().unwrap();
    assert_eq!(seen.authorization.unwrap(), format!("Bearer {KEY}"));
    assert_eq!(seen.body["messages"], json!([{ "role": "user", "content": "Hello, 世界!" }]));
    assert_eq!((mock.request_count(), mock.aborted_streams()), (1, 0));
}

#[tokio::test]
async fn an_odd_stream_changes_nothing() {
    let (_mock, provider) = provider();
    for oddity in
        ["crlf", "cr", "bom", "drip", "garbage", "empty", "nodone", "trailing", "bom-cr-garbage-empty"]
    {
        let reply = ask(&provider, &format!("mock-tokens-12-rate-0-{oddity}")).await;
        assert_eq!(reply, tokens(12), "{oddity}");
    }
    let split = ask(&provider, "mock-tokens-12-rate-0-utf8").await;
    assert_eq!(split.text, numbered("词", 12));
}

#[tokio::test]
async fn reasoning_tools_and_markdown_arrive() {
    let (_mock, provider) = provider();
    let reasoning = ask(&provider, "reasoning-tokens-5-rate-0").await;
    assert_eq!((reasoning.reasoning, reasoning.text), (numbered("r", 5), numbered("t", 5)));
    let tools = ask(&provider, "tools-rate-0").await;
    assert_eq!(tools.finish, Some(Finish::ToolCalls));
    assert_eq!(
        tools.calls.iter().map(|call| call.arguments.as_str()).collect::<Vec<_>>(),
        ["{\"city\":\"東京\"}", "{\"zone\":\"Asia/Tokyo\"}"]
    );
    let markdown = ask(&provider, "markdown-kb-48-rate-0").await;
    assert!(markdown.text.len() >= 48 * 1000 && !markdown.text.contains('\u{fffd}'));
}

#[tokio::test]
async fn a_whole_reply_is_the_same_as_a_streamed_one() {
    let (mock, provider) = provider();
    for model in ["echo-rate-0", "reasoning-tokens-5-rate-0", "tools-rate-0"] {
        let whole = provider.stream(Request { stream: false, ..request(model) }).await.unwrap();
        let whole = read(whole).await;
        assert_eq!(mock.last_request().unwrap().body["stream"], false);
        let streamed = ask(&provider, model).await;
        assert_eq!(Reply { usage: streamed.usage, ..whole }, streamed, "{model}");
    }
}

#[tokio::test]
async fn a_refusal_has_its_kind_and_whether_a_retry_helps() {
    let (_mock, provider) = provider();
    for (model, kind, retryable) in [
        ("mock-error-400", ErrorKind::InvalidRequest, false),
        ("mock-error-401", ErrorKind::Auth, false),
        ("mock-error-402", ErrorKind::Quota, false),
        ("mock-error-413", ErrorKind::ContextLength, false),
        ("mock-error-429", ErrorKind::RateLimit, true),
        ("mock-error-500", ErrorKind::Unavailable, true),
        ("mock-error-503", ErrorKind::Unavailable, true),
        ("mock-error-200", ErrorKind::Unavailable, true),
        ("mock-html-502", ErrorKind::Unavailable, true),
        ("mock-html", ErrorKind::Protocol, false),
        ("unknown-model", ErrorKind::ModelNotFound, false),
    ] {
        let error = ask(&provider, model).await.error.unwrap();
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{model}: {error}");
    }
    let limited = ask(&provider, "mock-error-429-after-7").await.error.unwrap();
    assert_eq!((limited.status, limited.retry_after), (Some(429), Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn no_error_repeats_the_key() {
    let (_mock, provider) = provider();
    for model in ["mock-error-401", "mock-error-500", "mock-error-200"] {
        let error = ask(&provider, model).await.error.unwrap();
        assert_eq!(error.detail, "Scripted failure for Bearer [key].", "{model}");
    }
}

#[tokio::test]
async fn a_missing_key_is_refused_and_the_right_one_is_not() {
    let mock = MockLlm::start(Options { api_key: Some(KEY.into()), ..Options::default() }).unwrap();
    let with_key = provider_at(&mock, &impatient(|_| ()));
    assert_eq!(ask(&with_key, "mock-tokens-3-rate-0").await, tokens(3));
    let endpoint = Endpoint::new("mock", &mock.url(), None, Dialect::Other).unwrap();
    let http = impatient(|_| ()).at(&endpoint.url).unwrap();
    let without = OpenAi::new(endpoint, http);
    assert_eq!(ask(&without, "mock").await.error.unwrap().kind, ErrorKind::Auth);
    assert_eq!(mock.last_request().unwrap().authorization, None);
}

#[tokio::test]
async fn a_host_that_refuses_stream_options_is_asked_again_without() {
    let (mock, provider) = provider();
    let reply = ask(&provider, "mock-tokens-3-rate-0-strict").await;
    assert_eq!(reply, Reply::said(&numbered("t", 3)));
    assert_eq!(mock.request_count(), 2);
}

#[tokio::test]
async fn a_broken_stream_keeps_its_text_and_reports_the_error() {
    let (_mock, provider) = provider();
    for (model, said, kind) in [
        ("mock-rate-0-cut-5", 5, ErrorKind::CutOff),
        ("mock-rate-0-end-5", 5, ErrorKind::CutOff),
        ("mock-rate-0-fail-5", 5, ErrorKind::Unavailable),
        ("mock-rate-0-huge-20000", 0, ErrorKind::Protocol),
        ("mock-rate-0-cut-0", 0, ErrorKind::Network),
    ] {
        let reply = ask(&provider, model).await;
        assert_eq!((reply.text, reply.finish), (numbered("t", said), None), "{model}");
        assert_eq!(reply.error.map(|error| error.kind), Some(kind), "{model}");
    }
}

#[tokio::test]
async fn a_broken_event_costs_itself_only() {
    let (_mock, provider) = provider();
    let reply = ask(&provider, "mock-tokens-5-rate-0-broken").await;
    assert_eq!((reply.text.as_str(), reply.error), ("t0 t1 t3 t4", None));
}

#[tokio::test]
async fn silence_is_a_timeout_before_and_after_the_first_byte() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let silent = provider_at(&mock, &impatient(|options| options.idle_timeout = Duration::from_secs(1)));
    let stalled = ask(&silent, "mock-rate-0-stall-4").await;
    assert_eq!(stalled.text, numbered("t", 4));
    let error = stalled.error.unwrap();
    assert_eq!(
        (error.kind, error.detail.as_str()),
        (ErrorKind::Timeout, "the server said nothing for 1000 ms")
    );
    timeout(LONG, mock.wait_for_aborted(1)).await.unwrap();
    let absent =
        provider_at(&mock, &impatient(|options| options.first_byte_timeout = Duration::from_millis(100)));
    assert_eq!(ask(&absent, "mock-hang").await.error.unwrap().kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection_to_the_provider() {
    let (mock, provider) = provider();
    for (model, before) in [("mock-tokens-1000000-rate-200", 0), ("mock-rate-0-stall-3", 1)] {
        let mut stream = provider.stream(request(model)).await.unwrap();
        assert_eq!(stream.next().await, Some(Ok(Event::Text("t0".into()))));
        assert_eq!((mock.open_streams(), mock.aborted_streams()), (1, before));
        drop(stream);
        timeout(LONG, mock.wait_for_aborted(before + 1)).await.unwrap();
    }
    assert_eq!(mock.open_streams(), 0);
}

#[tokio::test]
async fn dropping_a_request_before_its_response_closes_the_connection() {
    let (mock, provider) = provider();
    let question = tokio::spawn(provider.stream(request("mock-hang")));
    timeout(LONG, async {
        while mock.open_streams() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    question.abort();
    timeout(LONG, mock.wait_for_aborted(1)).await.unwrap();
}

#[tokio::test]
async fn an_unreachable_provider_is_a_network_error_until_it_returns() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let provider = provider_at(&mock, &impatient(|_| ()));
    let address = mock.address();
    mock.shutdown();
    let error = ask(&provider, "mock").await.error.unwrap();
    assert_eq!((error.kind, error.retryable), (ErrorKind::Network, true));
    assert!(error.detail.starts_with("could not connect: "), "{error}");
    let _mock = MockLlm::start(Options { address, ..Options::default() }).unwrap();
    assert_eq!(ask(&provider, "mock-tokens-3-rate-0").await, tokens(3));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = MockLlm::start(Options::default()).unwrap();
    let location = format!("{}/chat/completions?secret=1", target.url());
    let serve = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        let answer =
            format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        connection.write_all(answer.as_bytes()).await.unwrap();
    });
    let endpoint = Endpoint::new("x", &url, Some(KEY.into()), Dialect::Other).unwrap();
    let http = impatient(|_| ()).at(&endpoint.url).unwrap();
    let provider = OpenAi::new(endpoint, http);
    let error = ask(&provider, "mock").await.error.unwrap();
    serve.await.unwrap();
    assert_eq!((error.kind, error.status), (ErrorKind::Protocol, Some(307)));
    assert!(error.detail.contains(&target.url()) && !error.detail.contains("secret"), "{error}");
    assert_eq!(target.request_count(), 0);
}

#[tokio::test]
async fn a_key_goes_to_its_own_origin_only() {
    let (own, other) =
        (MockLlm::start(Options::default()).unwrap(), MockLlm::start(Options::default()).unwrap());
    let http = impatient(|_| ()).at(&own.url().parse().unwrap()).unwrap();
    // An adapter that by mistake sends a request to another address than the configured one.
    let astray =
        OpenAi::new(Endpoint::new("x", &other.url(), Some(KEY.into()), Dialect::Other).unwrap(), http);
    let error = ask(&astray, "mock").await.error.unwrap();
    assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidRequest, false));
    assert!(error.detail.contains("not sent"), "{error}");
    assert_eq!((own.request_count(), other.request_count()), (0, 0));
}

#[tokio::test]
async fn an_unconfigured_local_provider_is_not_reached() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let unbound = OpenAi::new(
        Endpoint::new("x", &mock.url(), Some(KEY.into()), Dialect::Other).unwrap(),
        impatient(|_| ()),
    );
    assert_eq!(ask(&unbound, "mock").await.error.unwrap().kind, ErrorKind::InvalidRequest);
    assert_eq!(mock.request_count(), 0);
}
