//! The providers' own protocols over a connection: headers and addresses, second attempts, lists of models, and
//! replies that are not streamed.

use futures_util::StreamExt;
use kaiwa_llm::{Content, ErrorKind, Message, Provider, ProviderBlock, Request, Role, abilities::Listed};
use kaiwa_shared::message::Effort;
use kaiwa_shared::model::Abilities;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::{
    adapter::{Adapter, KEY},
    anthropic, gemini, ollama,
    reply::Reply,
    scenario::Scenario,
};

/// A request: the request line, the headers in lower case, and the body.
#[derive(Debug)]
struct Asked {
    line: String,
    head: String,
    body: Value,
}

/// Serves these responses, one per connection; returns the requests.
async fn serve(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut asked = Vec::new();
        for (status, body) in answers {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(connection.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let line = head.lines().next().unwrap().to_owned();
            let head = head.to_lowercase();
            let length = head
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
            let mut sent = vec![0; length];
            connection.read_exact(&mut sent).await.unwrap();
            let answer = format!(
                "HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
            asked.push(Asked { line, head, body: serde_json::from_slice(&sent).unwrap_or_default() });
        }
        asked
    });
    (url, task)
}

fn recording(adapter: &Adapter, scenario: Scenario) -> (u16, String) {
    (200, String::from_utf8(adapter.recording(scenario)).unwrap())
}

fn question(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::User, "How is the weather?")],
        stream: true,
        ..Request::default()
    }
}

/// Sends a request to a server with these responses; returns the reply and the requests.
async fn ask(adapter: &Adapter, request: Request, answers: Vec<(u16, String)>) -> (Reply, Vec<Asked>) {
    let (url, served) = serve(answers).await;
    let provider = (adapter.connect)(&url);
    let reply = match provider.stream(request).await {
        Ok(events) => Reply::of(events.collect().await),
        Err(error) => Reply::failed(error.kind, []),
    };
    (reply, served.await.unwrap())
}

async fn models(adapter: &Adapter, answers: Vec<(u16, Value)>) -> (Vec<Listed>, Vec<Asked>) {
    let answers = answers.into_iter().map(|(status, body)| (status, body.to_string())).collect();
    let (url, served) = serve(answers).await;
    let provider: Box<dyn Provider> = (adapter.connect)(&url);
    (provider.models().await.unwrap(), served.await.unwrap())
}

#[tokio::test]
async fn each_protocol_uses_its_address_and_headers() {
    for (adapter, line, header) in [
        (anthropic::adapter(), "POST /v1/messages HTTP/1.1", format!("x-api-key: {KEY}")),
        (
            gemini::adapter(),
            "POST /v1beta/models/m:streamGenerateContent?alt=sse HTTP/1.1",
            format!("x-goog-api-key: {KEY}"),
        ),
        (ollama::adapter(), "POST /api/chat HTTP/1.1", format!("authorization: bearer {KEY}")),
    ] {
        let (reply, asked) =
            ask(&adapter, question("m"), vec![recording(&adapter, Scenario::PlainText)]).await;
        assert_eq!(
            reply.without_provider_blocks().pieces,
            Scenario::PlainText.reply().pieces,
            "{}",
            adapter.name
        );
        assert_eq!(asked[0].line, line);
        assert!(asked[0].head.contains(&header), "{}", asked[0].head);
        assert_eq!(asked[0].head.contains("anthropic-version: 2023-06-01"), adapter.name == "anthropic");
    }
}

#[tokio::test]
async fn a_reply_that_is_not_streamed_is_read() {
    for adapter in [anthropic::adapter(), gemini::adapter(), ollama::adapter()] {
        let request = Request { stream: false, ..question("m") };
        let (reply, asked) = ask(&adapter, request, vec![recording(&adapter, Scenario::Whole)]).await;
        let expected = Scenario::Whole.reply();
        let reply = reply.without_provider_blocks();
        assert_eq!((reply.pieces, reply.finish), (expected.pieces, expected.finish), "{}", adapter.name);
        let whole = match adapter.name {
            "gemini" => asked[0].line.contains(":generateContent "),
            _ => asked[0].body["stream"] == false,
        };
        assert!(whole, "{} {:?}", adapter.name, asked[0]);
    }
}

#[tokio::test]
async fn a_model_that_refuses_thinking_is_asked_without_it() {
    let no_think = json!({ "error": "\"llama3.2\" does not support thinking" });
    let no_level = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT",
        "message": "Thinking level MEDIUM is not supported for this model." } });
    for (adapter, refusal, at) in [
        (ollama::adapter(), no_think, "/think"),
        (gemini::adapter(), no_level, "/generationConfig/thinkingConfig"),
    ] {
        let request = Request { effort: Some(Effort::Medium), ..question("gemini-9-llama") };
        let answers = vec![(400, refusal.to_string()), recording(&adapter, Scenario::PlainText)];
        let (reply, asked) = ask(&adapter, request, answers).await;
        assert_eq!(reply.error, None, "{}", adapter.name);
        assert!(asked[0].body.pointer(at).is_some() && asked[1].body.pointer(at).is_none(), "{asked:?}");
    }
}

#[tokio::test]
async fn reasoning_that_anthropic_refuses_is_left_out() {
    let mut request = question("claude-opus-5-5");
    let signed = json!({ "anthropic": { "type": "thinking", "signature": "EqQB" } });
    request.messages.push(Message {
        role: Role::Assistant,
        content: vec![
            Content::Reasoning("Hm.".into()),
            Content::ProviderBlock(ProviderBlock(signed)),
            Content::Text("Sunny.".into()),
        ],
    });
    request.messages.push(Message::text(Role::User, "And tomorrow?"));
    let refusal = json!({ "type": "error", "error": { "type": "invalid_request_error", "message":
        "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation." } });
    let adapter = anthropic::adapter();
    let answers = vec![(400, refusal.to_string()), recording(&adapter, Scenario::PlainText)];
    let (reply, asked) = ask(&adapter, request.clone(), answers).await;
    assert_eq!(reply.error, None);
    let kinds = |asked: &Asked| {
        let blocks = asked.body["messages"][1]["content"].as_array().unwrap();
        blocks.iter().map(|block| block["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (kinds(&asked[0]), kinds(&asked[1])),
        (vec!["thinking".into(), "text".into()], vec!["text".into()])
    );

    let other = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "max_tokens: too many" } });
    let (reply, asked) = ask(&adapter, request, vec![(400, other.to_string())]).await;
    assert_eq!(
        (reply.error, asked.len()),
        (Some(ErrorKind::InvalidRequest), 1),
        "nothing else is tried twice"
    );
}

#[tokio::test]
async fn lists_of_models_are_read_to_their_last_page() {
    let pages = vec![
        (
            200,
            json!({ "data": [{ "id": "claude-b", "display_name": "B" }], "has_more": true, "last_id": "claude-b" }),
        ),
        (
            200,
            json!({ "data": [{ "id": "claude-a", "display_name": "A" }], "has_more": false, "last_id": "claude-a" }),
        ),
    ];
    let (listed, asked) = models(&anthropic::adapter(), pages).await;
    assert_eq!(listed.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["claude-b", "claude-a"]);
    assert_eq!(asked[1].line, "GET /v1/models?limit=1000&after_id=claude-b HTTP/1.1");

    let model = |name: &str| json!({ "name": name, "supportedGenerationMethods": ["generateContent"] });
    let pages = vec![
        (200, json!({ "models": [model("models/gemini-b")], "nextPageToken": "next" })),
        (200, json!({ "models": [model("models/gemini-a")] })),
    ];
    let (listed, asked) = models(&gemini::adapter(), pages).await;
    assert_eq!(listed.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["gemini-b", "gemini-a"]);
    assert_eq!(asked[1].line, "GET /v1beta/models?pageSize=1000&pageToken=next HTTP/1.1");
}

#[tokio::test]
async fn each_model_of_a_server_is_queried_for_its_abilities() {
    let answers = vec![
        (200, json!({ "models": [{ "model": "qwen3:8b" }] })),
        (
            200,
            json!({
                "capabilities": ["completion", "vision"],
                "model_info": { "general.architecture": "qwen3", "qwen3.context_length": 40960 },
            }),
        ),
    ];
    let (listed, asked) = models(&ollama::adapter(), answers).await;
    let abilities = Abilities {
        context_tokens: Some(40_960),
        vision: Some(true),
        tools: Some(false),
        reasoning: Some(false),
        streaming: Some(true),
        ..Abilities::default()
    };
    assert_eq!(listed, [Listed { id: "qwen3:8b".into(), name: "qwen3:8b".into(), abilities }]);
    assert_eq!(asked[0].line, "GET /api/tags HTTP/1.1");
    assert_eq!(
        (asked[1].line.as_str(), &asked[1].body),
        ("POST /api/show HTTP/1.1", &json!({ "model": "qwen3:8b" }))
    );

    let gone = vec![
        (200, json!({ "models": [{ "model": "m" }] })),
        (404, json!({ "error": "model 'm' not found" })),
    ];
    let (listed, _) = models(&ollama::adapter(), gone).await;
    assert_eq!(listed.len(), 1, "a model that is not shown is offered all the same");
}
