//! What the tests of the adapter share.

use futures_util::StreamExt;
use kaiwa_llm::{
    Endpoint, Error, Event, EventStream, FinishReason, Message, OpenAi, Provider, Request, Role,
    ToolCallDelta, http,
};
use kaiwa_mock_llm::{MockLlm, Options};

/// A whole reply as its reader sees it.
#[derive(Debug, Default, PartialEq)]
pub struct Reply {
    pub text: String,
    pub reasoning: String,
    pub calls: Vec<ToolCallDelta>,
    pub output_tokens: Option<u64>,
    pub finish: Option<FinishReason>,
    pub error: Option<Error>,
}

impl Reply {
    pub fn said(text: &str) -> Self {
        Self { text: text.into(), finish: Some(FinishReason::Stop), ..Self::default() }
    }

    pub fn take(&mut self, event: Event) {
        match event {
            Event::Text(more) => self.text.push_str(&more),
            Event::Reasoning(more) => self.reasoning.push_str(&more),
            Event::TextWasReasoning => self.reasoning.push_str(&std::mem::take(&mut self.text)),
            Event::ToolCall(more) => self.take_call(more),
            Event::Usage(usage) => self.output_tokens = Some(usage.output_tokens),
            Event::Finish(reason) => self.finish = Some(reason),
        }
    }

    fn take_call(&mut self, more: ToolCallDelta) {
        match self.calls.get_mut(more.index as usize) {
            Some(call) => {
                call.id.push_str(&more.id);
                call.name.push_str(&more.name);
                call.arguments.push_str(&more.arguments);
            }
            None => self.calls.push(more),
        }
    }
}

pub fn http_client() -> http::Client {
    http::client(http::Options { system_proxies: false, ..http::Options::default() }).unwrap()
}

pub fn provider_at(mock: &MockLlm, http: http::Client) -> OpenAi {
    OpenAi::new(Endpoint::new("mock", &mock.url(), Some("sk-test-0123456789".into())).unwrap(), http)
}

pub fn provider() -> (MockLlm, OpenAi) {
    let mock = MockLlm::start(Options::default()).unwrap();
    let provider = provider_at(&mock, http_client());
    (mock, provider)
}

pub fn request(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::User, "Hello, 世界!")],
        max_tokens: None,
        temperature: None,
        stream: true,
    }
}

pub async fn read(mut stream: EventStream) -> Reply {
    let mut reply = Reply::default();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => reply.take(event),
            Err(error) => reply.error = Some(error),
        }
    }
    reply
}

pub async fn ask(provider: &OpenAi, model: &str) -> Reply {
    match provider.stream(request(model)).await {
        Ok(stream) => read(stream).await,
        Err(error) => Reply { error: Some(error), ..Reply::default() },
    }
}
