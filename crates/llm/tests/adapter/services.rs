//! Differences between services, over real HTTP.

use std::time::Duration;

use kaiwa_llm::{Endpoint, ErrorKind, OpenAi, Provider, Request, openai::Dialect};
use kaiwa_shared::message::Effort;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::support::{KEY, Reply, http_client, read, request};

/// Ends a test that hangs; nothing here is a measurement.
const LONG: Duration = Duration::from_secs(30);

/// A request: the request line and the headers in lower case, and the body.
struct Asked {
    head: String,
    body: Value,
}

/// Serves these responses, each a status and a body, one request after the other.
async fn serve(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut all = Vec::new();
        for (status, body) in answers {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(connection.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().unwrap().parse::<usize>().unwrap());
            let mut asked = vec![0; length];
            connection.read_exact(&mut asked).await.unwrap();
            let answer = format!(
                "HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
            all.push(Asked { head, body: serde_json::from_slice(&asked).unwrap_or_default() });
        }
        all
    });
    (url, task)
}

fn provider(url: &str, key: &str) -> OpenAi {
    provider_in(Dialect::Other, url, key)
}

fn provider_in(dialect: Dialect, url: &str, key: &str) -> OpenAi {
    let http = http_client().at(&url.parse().unwrap()).unwrap();
    OpenAi::new(Endpoint::new("mock", url, Some(key.into()), dialect).unwrap(), http)
}

async fn said(provider: &OpenAi, request: Request) -> Reply {
    let stream = tokio::time::timeout(LONG, provider.stream(request)).await.unwrap();
    read(stream.unwrap()).await
}

fn whole(text: &str) -> String {
    let message = json!({ "role": "assistant", "content": text });
    json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }).to_string()
}

fn refusal(message: &str) -> String {
    json!({ "error": { "message": message, "type": "invalid_request_error" } }).to_string()
}

#[tokio::test]
async fn a_model_that_does_not_stream_is_remembered() {
    let (url, served) = serve(vec![
        (400, refusal("Streaming is not supported for this model.")),
        (200, whole("Hi")),
        (200, whole("Hi again")),
    ])
    .await;
    let provider = provider(&url, KEY);
    assert_eq!(said(&provider, request("m")).await, Reply::said("Hi"));
    assert_eq!(said(&provider, request("m")).await, Reply::said("Hi again"));
    let streams: Vec<Value> =
        served.await.unwrap().into_iter().map(|asked| asked.body["stream"].clone()).collect();
    assert_eq!(streams, [json!(true), json!(false), json!(false)]);
}

#[tokio::test]
async fn a_model_that_only_streams_is_streamed_without_being_asked() {
    let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": "Hi" }, "finish_reason": "stop" }] });
    let (url, served) = serve(vec![
        (400, refusal("This model only support stream mode, please enable the stream parameter.")),
        (200, format!("data: {chunk}\n\ndata: [DONE]\n\n")),
    ])
    .await;
    let asked = Request { stream: false, ..request("qwq") };
    assert_eq!(said(&provider(&url, KEY), asked).await, Reply::said("Hi"));
    assert_eq!(served.await.unwrap()[1].body["stream"], true);
}

#[tokio::test]
async fn refusals_are_followed_one_by_one_and_a_repeated_one_is_returned() {
    let (url, served) = serve(vec![
        (400, refusal("Unknown parameter: stream_options")),
        (422, refusal("Extra inputs are not permitted: chat_template_kwargs")),
        (400, refusal("Unknown parameter: stream_options")),
    ])
    .await;
    let asked = Request { effort: Some(Effort::Off), ..request("m") };
    let error = provider(&url, KEY).stream(asked).await.err().unwrap();
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidRequest, Some(400)));
    let seen = served.await.unwrap();
    assert_eq!(
        (seen[0].body.get("stream_options").is_some(), seen[1].body.get("stream_options")),
        (true, None)
    );
    assert_eq!(
        (seen[1].body["chat_template_kwargs"]["thinking"].clone(), seen[2].body.get("chat_template_kwargs")),
        (json!(false), None)
    );
}

#[tokio::test]
async fn azure_gets_the_deployment_in_its_path_and_the_key_in_its_header() {
    let filtered = json!({ "error": {
        "message": "The response was filtered due to the prompt.", "type": null, "param": "prompt",
        "code": "content_filter", "status": 400,
        "innererror": { "code": "ResponsibleAIPolicyViolation", "content_filter_result": {} },
    } });
    let (url, served) = serve(vec![(200, whole("Hi")), (400, filtered.to_string())]).await;
    let provider =
        provider_in(Dialect::Azure, &format!("{url}/openai/deployments/gpt-d?api-version=2024-10-21"), KEY);
    assert_eq!(said(&provider, request("gpt-d")).await, Reply::said("Hi"));
    let error = provider.stream(request("gpt-d")).await.err().unwrap();
    assert_eq!((error.kind, error.retryable), (ErrorKind::ContentFilter, false));
    let head = served.await.unwrap().remove(0).head;
    assert!(
        head.starts_with("post /openai/deployments/gpt-d/chat/completions?api-version=2024-10-21 "),
        "{head}"
    );
    assert!(head.contains(&format!("api-key: {KEY}")) && !head.contains("authorization"), "{head}");
    let models = provider.models().await.unwrap();
    assert_eq!((models.len(), models[0].id.as_str()), (1, "gpt-d"));
}

#[tokio::test]
async fn a_fastgpt_app_gets_its_conversation_and_its_errors_are_understood() {
    let refused =
        json!({ "code": 514, "statusText": "unAuthApiKey", "message": "Key is error.", "data": null });
    let (url, served) = serve(vec![(200, whole("Hi")), (500, refused.to_string())]).await;
    let provider = provider_in(Dialect::FastGpt, &format!("{url}/api"), "fastgpt-secret");
    let asked = Request { conversation: Some("c-1".into()), ..request("app") };
    assert_eq!(said(&provider, asked).await, Reply::said("Hi"));
    assert_eq!(provider.stream(request("app")).await.err().unwrap().kind, ErrorKind::Auth);
    let seen = served.await.unwrap().remove(0);
    assert!(seen.head.starts_with("post /api/v1/chat/completions "), "{}", seen.head);
    assert_eq!((&seen.body["chatId"], &seen.body["detail"]), (&json!("c-1"), &json!(true)));
    assert_eq!(provider.models().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_gateway_is_asked_in_the_dialect_it_was_configured_with() {
    for (dialect, field, value) in [
        (Dialect::ThinkingSwitch, "thinking", json!({ "type": "disabled" })),
        (Dialect::Qwen, "enable_thinking", json!(false)),
        (Dialect::OpenRouter, "reasoning", json!({ "enabled": false })),
        (Dialect::ReasoningEffort, "reasoning_effort", json!("none")),
    ] {
        let (url, served) = serve(vec![(200, whole("Hi"))]).await;
        let asked = Request { effort: Some(Effort::Off), ..request("m") };
        said(&provider_in(dialect, &url, KEY), asked).await;
        assert_eq!(served.await.unwrap()[0].body[field], value, "{dialect:?}");
    }
}

#[tokio::test]
async fn the_list_of_models_is_next_to_the_chat() {
    let list = json!({ "data": [{ "id": "m", "max_model_len": 8192 }] });
    let (url, served) = serve(vec![(200, list.to_string()), (200, "<html>".into())]).await;
    let provider = provider(&format!("{url}/v1/chat/completions"), KEY);
    let models = provider.models().await.unwrap();
    assert_eq!((models[0].id.as_str(), models[0].abilities.context_tokens), ("m", Some(8192)));
    assert_eq!(provider.models().await.unwrap_err().kind, ErrorKind::Protocol);
    assert!(served.await.unwrap()[0].head.starts_with("get /v1/models "));
}
