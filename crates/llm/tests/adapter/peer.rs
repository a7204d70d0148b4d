//! The adapter against a real server: llama.cpp, started by `tests/peer/serve.sh`.
//!
//! The model's weights are random, so its text is meaningless; only the protocol counts.

use kaiwa_shared::message::Usage;
use std::env;

use futures_util::StreamExt;
use kaiwa_llm::{Endpoint, ErrorKind, Finish, Message, OpenAi, Provider, Request, Role, openai::Dialect};

use crate::support::{Reply, http_client, read, request};

#[expect(clippy::disallowed_methods, reason = "the environment names the peer of this test")]
fn peer() -> OpenAi {
    let url = env::var("LLAMA_SERVER_URL")
        .expect("LLAMA_SERVER_URL is the address that tests/peer/serve.sh prints");
    let endpoint = Endpoint::new("llama.cpp", &url, None, Dialect::Other).unwrap();
    let http = http_client().at(&endpoint.url).unwrap();
    OpenAi::new(endpoint, http)
}

fn question(max_tokens: u32) -> Request {
    Request { max_tokens: Some(max_tokens), temperature: Some(0.0), ..request("tiny") }
}

#[tokio::test]
#[ignore = "needs the llama.cpp server: run tests/peer/serve.sh and set LLAMA_SERVER_URL"]
async fn llama_cpp_streams_a_reply_of_the_length_that_was_asked_for() {
    let reply = read(peer().stream(question(24)).await.unwrap()).await;
    assert_eq!((reply.error, reply.finish), (None, Some(Finish::Length)));
    assert!(!reply.text.is_empty());
}

#[tokio::test]
#[ignore = "needs the llama.cpp server: run tests/peer/serve.sh and set LLAMA_SERVER_URL"]
async fn llama_cpp_says_the_same_whole_as_streamed() {
    let streamed = read(peer().stream(question(24)).await.unwrap()).await;
    let whole = read(peer().stream(Request { stream: false, ..question(24) }).await.unwrap()).await;
    assert_eq!(Reply { usage: Usage::default(), ..whole }, Reply { usage: Usage::default(), ..streamed });
}

#[tokio::test]
#[ignore = "needs the llama.cpp server: run tests/peer/serve.sh and set LLAMA_SERVER_URL"]
async fn llama_cpp_answers_again_after_a_reply_was_dropped() {
    let mut stream = peer().stream(question(400)).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    assert_eq!(read(peer().stream(question(8)).await.unwrap()).await.error, None);
}

#[tokio::test]
#[ignore = "needs the llama.cpp server: run tests/peer/serve.sh and set LLAMA_SERVER_URL"]
async fn llama_cpp_refuses_a_conversation_that_is_too_long() {
    let messages = vec![Message::text(Role::User, "word ".repeat(4000))];
    let error = match peer().stream(Request { messages, stream: false, ..question(8) }).await {
        Ok(stream) => read(stream).await.error,
        Err(error) => Some(error),
    };
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::ContextLength));
}
