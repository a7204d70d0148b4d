//! Pictures and documents, as each protocol wants them.
//!
//! The official clients check the same files, in the mock's tests.

use std::sync::Arc;

use bytes::Bytes;
use kaiwa_llm::{
    Anthropic, Content, Endpoint, Gemini, Message, Ollama, OpenAi, Provider, Request, Responses, Role,
    openai::Dialect,
};
use kaiwa_mock_llm::{MockLlm, Options};
use serde_json::Value;

use crate::support::{KEY, http_client, read, request};

const PNG: &[u8] = include_bytes!("../fixtures/files/dot.png");
const PDF: &[u8] = include_bytes!("../fixtures/files/page.pdf");

fn asking(model: &str) -> Request {
    let content = vec![
        Content::Text("What is on these?".to_owned()),
        Content::Image { media_type: "image/png".to_owned(), data: Bytes::from_static(PNG) },
        Content::Document {
            name: "页 1.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            data: Bytes::from_static(PDF),
        },
    ];
    Request { messages: vec![Message { role: Role::User, content }], ..request(model) }
}

/// A provider for each protocol, the field of the messages in its requests, and what they must be.
fn providers(mock: &MockLlm) -> Vec<(Arc<dyn Provider>, &'static str, &'static str)> {
    let root = mock.root_url();
    let http = http_client().at(&root.parse().unwrap()).unwrap();
    let key = Some(KEY.into());
    let endpoint = Endpoint::new("mock", &mock.url(), key.clone(), Dialect::Other).unwrap();
    let responses = Responses::new(&mock.url(), key.as_ref(), Dialect::Other, http.clone()).unwrap();
    vec![
        (
            Arc::new(OpenAi::new(endpoint, http.clone())),
            "messages",
            include_str!("../fixtures/files/chat.json"),
        ),
        (Arc::new(responses), "input", include_str!("../fixtures/files/responses.json")),
        (
            Arc::new(Anthropic::new(&root, key.as_ref(), http.clone()).unwrap()),
            "messages",
            include_str!("../fixtures/files/anthropic.json"),
        ),
        (
            Arc::new(Gemini::new(&root, key.as_ref(), http.clone()).unwrap()),
            "contents",
            include_str!("../fixtures/files/gemini.json"),
        ),
        (
            Arc::new(Ollama::new(&root, None, http).unwrap()),
            "messages",
            include_str!("../fixtures/files/ollama.json"),
        ),
    ]
}

#[tokio::test]
async fn every_protocol_gets_pictures_and_documents_in_its_own_form() {
    let mock = MockLlm::start(Options::default()).unwrap();
    for (provider, field, expected) in providers(&mock) {
        let reply = read(provider.stream(asking("echo-rate-0-claude")).await.unwrap()).await;
        assert_eq!((reply.error, reply.text.as_str()), (None, "What is on these?"));
        let expected: Value = serde_json::from_str(expected).unwrap();
        let mut sent = mock.last_request().unwrap().body[field].take();
        // A mark for the cache, which is not about files.
        for block in sent.as_array_mut().unwrap().iter_mut().filter_map(|message| message.get_mut("content"))
        {
            for block in block.as_array_mut().into_iter().flatten() {
                block.as_object_mut().unwrap().remove("cache_control");
            }
        }
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn documents_go_only_where_they_are_read() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let reads: Vec<bool> =
        providers(&mock).iter().map(|(provider, ..)| provider.reads_pdf("claude-sonnet-4-5")).collect();
    assert_eq!(reads, [false, true, true, true, false]);
    let all = providers(&mock);
    assert!(!all[2].0.reads_pdf("claude-3-haiku-20240307") && !all[2].0.reads_pdf("kimi-k2"));
    assert!(all[2].0.reads_pdf("claude-3-5-sonnet-20241022") && all[2].0.reads_pdf("claude-opus-9"));
    assert!(!all[3].0.reads_pdf("gemma-3-27b-it"));
    let chat = |url: &str, dialect| {
        let endpoint = Endpoint::new("x", url, None, dialect).unwrap();
        let http = http_client().at(&endpoint.url).unwrap();
        OpenAi::new(endpoint, http).reads_pdf("gpt-5")
    };
    assert!(chat("https://api.openai.com/v1", Dialect::ReasoningEffort));
    assert!(chat("https://openrouter.ai/api/v1", Dialect::OpenRouter));
    assert!(!chat("https://api.x.ai/v1", Dialect::ReasoningEffort));
}
