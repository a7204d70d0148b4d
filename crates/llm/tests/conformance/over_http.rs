//! Tests that need a connection: refusals, and what is sent back in the next request.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_llm::{Content, Error, Message, Provider, ProviderBlock, Request, Role};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::{
    adapter::{Adapter, KEY},
    adapters,
    reply::Reply,
    scenario::Scenario,
};

/// Ends a test that hangs; nothing here is a measurement.
const LONG: Duration = Duration::from_secs(30);

/// Answers one request with `status` and `body`; returns the request's body.
async fn serve(status: u16, body: Vec<u8>) -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let body_at = loop {
            request.push(connection.read_u8().await.unwrap());
            if request.ends_with(b"\r\n\r\n") {
                break request.len();
            }
        };
        let head = String::from_utf8(request.clone()).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        let mut asked = vec![0; length];
        connection.read_exact(&mut asked).await.unwrap();
        assert!(body_at > 0 && head.contains(KEY), "the key travels in a header");
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\nRetry-After: 7\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        connection.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        serde_json::from_slice(&asked).unwrap()
    });
    (url, task)
}

fn question() -> Request {
    Request {
        model: "model-1".into(),
        messages: vec![Message::text(Role::User, "How is the weather?")],
        stream: true,
        ..Request::default()
    }
}

async fn ask(provider: &dyn Provider, request: Request) -> Result<Reply, Error> {
    Ok(Reply::of(provider.stream(request).await?.collect().await))
}

async fn refusal(adapter: &Adapter, scenario: Scenario) -> Error {
    let (url, served) = serve(scenario.refusal_status().unwrap(), adapter.recording(scenario)).await;
    let provider = (adapter.connect)(&url);
    let answer = tokio::time::timeout(LONG, ask(provider.as_ref(), question())).await.unwrap();
    served.await.unwrap();
    answer.unwrap_err()
}

#[tokio::test]
async fn a_refusal_has_its_kind_and_wait_but_not_the_key() {
    for adapter in adapters() {
        for scenario in [Scenario::Unauthorized, Scenario::RateLimited] {
            let Some(expected) = adapter.expected(scenario) else { continue };
            let error = refusal(&adapter, scenario).await;
            assert_eq!(Some(error.kind), expected.error, "{} {error}", adapter.name);
            assert_eq!(
                (error.status, error.retry_after),
                (scenario.refusal_status(), Some(Duration::from_secs(7)))
            );
            assert!(!error.detail.contains(KEY), "{} {error}", adapter.name);
            assert_eq!(
                error.detail.contains("[key]"),
                scenario == Scenario::Unauthorized,
                "{}",
                adapter.name
            );
        }
    }
}

/// Checks the adapter's expected content of the next request.
async fn round_trip(adapter: &Adapter) {
    let (url, served) = serve(200, adapter.recording(Scenario::ProviderBlock)).await;
    let reply = ask((adapter.connect)(&url).as_ref(), question()).await.unwrap();
    assert_eq!(reply.error, None, "{}", adapter.name);
    served.await.unwrap();

    let mut content = reply.content();
    let foreign =
        json!({ "another-protocol": { "signature": "FOREIGN", "type": "reasoning", "data": "FOREIGN" } });
    for at in [content.len(), 0] {
        content.insert(at, Content::ProviderBlock(ProviderBlock(foreign.clone())));
    }
    let answer = |(id, name): (String, String)| Content::ToolResult {
        id,
        name,
        output: "18 °C".into(),
        is_error: false,
    };
    let results = reply.open_calls().into_iter().map(answer).collect();
    let mut next = question();
    next.messages.push(Message { role: Role::Assistant, content });
    next.messages.push(Message { role: Role::Tool, content: results });

    let (url, served) = serve(200, adapter.recording(Scenario::PlainText)).await;
    ask((adapter.connect)(&url).as_ref(), next).await.unwrap();
    let body = served.await.unwrap();
    assert_eq!(body.pointer(adapter.echo.at), Some(&adapter.echo.value), "{} in {body:#}", adapter.name);
    assert!(!body.to_string().contains("FOREIGN"), "{} sends what it did not make: {body:#}", adapter.name);
    assert!(body.to_string().contains("18 °C"), "{} sends the tool's answer: {body:#}", adapter.name);
}

#[tokio::test]
async fn provider_blocks_go_back_unchanged_and_to_their_provider_only() {
    for adapter in adapters() {
        tokio::time::timeout(LONG, round_trip(&adapter)).await.unwrap();
    }
}
