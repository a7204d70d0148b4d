//! Shared by the adapter's tests.

use futures_util::StreamExt;
use kaiwa_llm::{
    Endpoint, Error, Event, EventStream, Finish, Message, NoText, OpenAi, Provider, Request, Role,
    ToolCallDelta, http, openai::Dialect,
};
use kaiwa_mock_llm::{MockLlm, Options};
use kaiwa_shared::message::{Citation, ToolResult, Usage};

/// The key of the tests; no error may repeat it.
pub(crate) const KEY: &str = "secret-0123456789";

/// A whole reply as a reader sees it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) calls: Vec<ToolCallDelta>,
    pub(crate) results: Vec<ToolResult>,
    pub(crate) citations: Vec<Citation>,
    pub(crate) usage: Usage,
    pub(crate) no_text: Option<NoText>,
    pub(crate) finish: Option<Finish>,
    pub(crate) error: Option<Error>,
}

impl Reply {
    pub(crate) fn said(text: &str) -> Self {
        Self { text: text.into(), finish: Some(Finish::Stop), ..Self::default() }
    }

    fn take(&mut self, event: Event) {
        let is_usage = matches!(event, Event::Usage(_));
        assert!(self.finish.is_none() || is_usage, "{event:?} after the end");
        match event {
            Event::Text(more) => self.text.push_str(&more),
            Event::Reasoning(more) => self.reasoning.push_str(&more),
            Event::TextWasReasoning => self.reasoning.push_str(&std::mem::take(&mut self.text)),
            Event::ToolCall(more) => self.take_call(more),
            Event::ToolResult(result) => self.results.push(result),
            Event::Citation(citation) => self.citations.push(citation),
            Event::ProviderBlock(_) => {}
            Event::Usage(usage) => self.usage = usage,
            Event::NoText(why) => self.no_text = Some(why),
            Event::Finish(reason) => self.finish = Some(reason),
        }
    }

    pub(crate) fn take_result(&mut self, event: Result<Event, Error>) {
        assert_eq!(self.error, None, "an error is the last item");
        match event {
            Ok(event) => self.take(event),
            Err(error) => self.error = Some(error),
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

pub(crate) fn http_client() -> http::Client {
    http::client(http::Options::default()).unwrap()
}

pub(crate) fn provider_at(mock: &MockLlm, http: &http::Client) -> OpenAi {
    let endpoint = Endpoint::new("mock", &mock.url(), Some(KEY.into()), Dialect::Other).unwrap();
    let http = http.at(&endpoint.url).unwrap();
    OpenAi::new(endpoint, http)
}

pub(crate) fn provider() -> (MockLlm, OpenAi) {
    let mock = MockLlm::start(Options::default()).unwrap();
    let provider = provider_at(&mock, &http_client());
    (mock, provider)
}

pub(crate) fn request(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::User, "Hello, 世界!")],
        stream: true,
        ..Request::default()
    }
}

pub(crate) async fn read(mut stream: EventStream) -> Reply {
    let mut reply = Reply::default();
    while let Some(event) = stream.next().await {
        reply.take_result(event);
    }
    reply
}

pub(crate) async fn ask(provider: &OpenAi, model: &str) -> Reply {
    match provider.stream(request(model)).await {
        Ok(stream) => read(stream).await,
        Err(error) => Reply { error: Some(error), ..Reply::default() },
    }
}
