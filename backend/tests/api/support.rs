//! Starts the real application and sends requests to it.

use std::{ops::Deref, time::Duration};

use kaiwa::{
    app::{Application, Stopper},
    settings::{Settings, source::Source},
};
use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, Parts,
    conversation::Transcript,
    feed::FeedEvent,
    message::{Part, Status},
    sse::{Decoder, Frame},
    stream::{self, StreamEnd, StreamEvent},
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A password that the policy accepts.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server that runs within the test, with its own data folder, and a client for it.
pub(crate) struct TestApp {
    client: Client,
    pub(crate) mock: MockLlm,
    pub(crate) data: TempDir,
    database: String,
    stopper: Stopper,
}

impl Deref for TestApp {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Sends requests to a server.
pub(crate) struct Client {
    pub(crate) base: String,
    http: reqwest::Client,
}

/// A signed-in user.
#[derive(Clone)]
pub(crate) struct TestUser {
    pub(crate) token: String,
}

impl TestApp {
    /// A server whose only provider is the scripted one.
    pub(crate) async fn spawn() -> Self {
        Self::spawn_with(&[]).await
    }

    /// Like [`Self::spawn`], with additional variables.
    pub(crate) async fn spawn_with(variables: &[(&str, &str)]) -> Self {
        let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
        let data = tempfile::tempdir().unwrap();
        let database = database_url(&data);
        Self::start(mock, data, database, variables).await
    }

    /// Stops the server and starts another one with the same data.
    pub(crate) async fn restart(self, variables: &[(&str, &str)]) -> Self {
        self.stopper.stop_within(Duration::ZERO).await;
        Self::start(self.mock, self.data, self.database, variables).await
    }

    async fn start(mock: MockLlm, data: TempDir, database: String, variables: &[(&str, &str)]) -> Self {
        let url = mock.url();
        let folder = data.path().to_str().unwrap().to_owned();
        let models = "mock,mock-tokens-5-rate-0,mock-tokens-50-rate-50,mock-tokens-200-rate-50,mock-tokens-2000-rate-200,echo,reasoning,tools,\
                      mock-error-401,mock-error-429-after-30,mock-error-500,mock-html,mock-cut-10,mock-end-10,mock-fail-10,\
                      mock-stall-3,mock-utf8,mock-crlf,mock-bom,mock-nodone,mock-empty";
        let defaults = [
            ("PORT", "0"),
            ("DATA_DIR", folder.as_str()),
            ("DATABASE_URL", database.as_str()),
            ("LLM_API_URL", url.as_str()),
            ("LLM_MODEL", models),
            ("LLM_API_KEY", "sk-test-canary-key"),
            ("APP_MODE", "multi"),
            ("EXTRACTOR", env!("CARGO_BIN_EXE_kaiwa")),
        ];
        let source = Source::from_pairs(defaults.into_iter().chain(variables.iter().copied()));
        let application = Application::build(Settings::read(&source).unwrap()).await.unwrap();
        let base = format!("http://{}", application.address());
        let stopper = application.stopper();
        actix_web::rt::spawn(application.run_until_stopped());
        Self { client: Client::new(&base), mock, data, database, stopper }
    }

    pub(crate) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// The `DATABASE_URL` of the server.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Waits until `count` of the provider's streams have been closed early.
    pub(crate) async fn provider_saw_aborted(&self, count: u64) {
        let seen = tokio::time::timeout(Duration::from_secs(30), self.mock.wait_for_aborted(count)).await;
        seen.expect("the provider's stream to be given up within 30 seconds");
    }
}

impl Client {
    /// A client for the server at this address.
    #[expect(clippy::disallowed_methods, reason = "a test is a client, not a caller of providers")]
    pub(crate) fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: base.to_owned(), http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) fn get(&self, user: &TestUser, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).bearer_auth(&user.token)
    }

    pub(crate) fn send(&self, user: &TestUser, method: Method, path: &str, body: &Value) -> RequestBuilder {
        self.request(method, path)
            .bearer_auth(&user.token)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
    }

    /// Registers a user.
    pub(crate) async fn register(&self, name: &str) -> TestUser {
        let response =
            self.post("/api/auth/register", &json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
        user_of(&body(response).await)
    }

    /// Sends a message and returns the open stream.
    pub(crate) async fn say(&self, user: &TestUser, message: &Value) -> Events {
        let response = self.send(user, Method::POST, "/api/chat/stream", message).send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        Events::new(response)
    }

    /// Attaches to a generation.
    pub(crate) async fn follow(&self, user: &TestUser, id: GenerationId, after: Option<u64>) -> Events {
        let mut request = self.get(user, &format!("/api/generations/{id}/events"));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Events::new(request.send().await.unwrap())
    }

    /// Sends a message that is refused, and returns the status and the problem's code.
    pub(crate) async fn refused(&self, user: &TestUser, message: &Value) -> (u16, String) {
        let response = self.send(user, Method::POST, "/api/chat/stream", message).send().await.unwrap();
        let status = response.status().as_u16();
        (status, body(response).await["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Sends a message that is queued, and returns the response.
    pub(crate) async fn queue(&self, user: &TestUser, message: &Value) -> Value {
        let response = self.send(user, Method::POST, "/api/chat/stream", message).send().await.unwrap();
        assert_eq!(response.status(), 202, "{}", response.text().await.unwrap());
        body(response).await
    }

    /// Stops a generation.
    pub(crate) async fn stop(&self, user: &TestUser, id: GenerationId) {
        let path = format!("/api/generations/{id}/stop");
        let response = self.send(user, Method::POST, &path, &json!({})).send().await.unwrap();
        assert_eq!(response.status(), 204);
    }

    /// Sends a write request and returns the status and the body.
    pub(crate) async fn ask(
        &self,
        user: &TestUser,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let response = self.send(user, method, path, body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// Opens the stream of changes in a user's conversations, and waits until it is ready.
    pub(crate) async fn listen(&self, user: &TestUser) -> Feed {
        let response = self.get(user, "/api/events").send().await.unwrap();
        let mut feed = Feed { frames: Frames::new(response) };
        assert_eq!(feed.next().await, Some(FeedEvent::Ready));
        feed
    }

    pub(crate) async fn transcript(&self, user: &TestUser, id: ConversationId) -> Transcript {
        let response = self.get(user, &format!("/api/conversations/{id}/messages")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }
}

/// A database for one test: a file, or with `KAIWA_TEST_DATABASE=postgres` a schema in `TEST_DATABASE_URL`.
#[expect(clippy::disallowed_methods, reason = "the environment says on which database the suite runs")]
pub(crate) fn database_url(data: &TempDir) -> String {
    if std::env::var("KAIWA_TEST_DATABASE").as_deref() == Ok("postgres") {
        let server =
            std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL beside KAIWA_TEST_DATABASE");
        let schema = ConversationId::new().to_string().replace('-', "");
        return format!("{server}?schema=api_{schema}");
    }
    format!("file:{}", data.path().join("app.db").display())
}

/// A message for `model`.
pub(crate) fn message(model: &str, content: &str) -> Value {
    json!({
        "client_message_id": ClientMessageId::new(),
        "content": content,
        "model": format!("llm/{model}"),
    })
}

/// The same message in a conversation.
pub(crate) fn within(mut message: Value, conversation: ConversationId) -> Value {
    message["conversation_id"] = json!(conversation);
    message
}

/// A request to regenerate this reply.
pub(crate) fn regenerate(model: &str, reply: MessageId) -> Value {
    json!({
        "client_message_id": ClientMessageId::new(),
        "regenerate": reply,
        "model": format!("llm/{model}"),
    })
}

/// A request to continue this reply.
pub(crate) fn go_on(model: &str, reply: MessageId) -> Value {
    json!({
        "client_message_id": ClientMessageId::new(),
        "continue": reply,
        "model": format!("llm/{model}"),
    })
}

pub(crate) async fn body(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub(crate) fn user_of(session: &Value) -> TestUser {
    TestUser { token: session["access_token"].as_str().unwrap().to_owned() }
}

/// Server-sent events as they arrive.
struct Frames {
    response: Response,
    decoder: Decoder,
    ready: std::collections::VecDeque<Frame>,
}

impl Frames {
    fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, decoder: Decoder::new(), ready: std::collections::VecDeque::new() }
    }

    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            let waited = tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await;
            let chunk = waited.expect("an event within 30 seconds").ok().flatten()?;
            let mut frames = Vec::new();
            self.decoder.push(&chunk, &mut frames);
            self.ready.extend(frames);
        }
    }
}

/// The changes in a user's conversations, as an open page receives them.
pub(crate) struct Feed {
    frames: Frames,
}

impl Feed {
    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<FeedEvent> {
        let frame = self.frames.next().await?;
        assert!(frame.id.is_some(), "every event is numbered");
        Some(frame.read().unwrap())
    }

    /// The next event that `wanted` accepts. Earlier ones are skipped.
    pub(crate) async fn find<T>(&mut self, wanted: impl Fn(FeedEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await.expect("the feed to go on")) {
                return found;
            }
        }
    }
}

/// The events of a stream, with their sequence numbers, as they arrive.
pub(crate) struct Events {
    frames: Frames,
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        Self { frames: Frames::new(response) }
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(u64, StreamEvent)> {
        let frame = self.frames.next().await?;
        Some((frame.id.unwrap(), frame.read().unwrap()))
    }

    /// The ids in the `created` event, which must be the next one.
    pub(crate) async fn created(&mut self) -> Created {
        match self.next().await {
            Some((
                1,
                StreamEvent::Created(stream::Created {
                    conversation_id,
                    user_message_id,
                    message_id,
                    generation_id,
                    ..
                }),
            )) => Created {
                conversation: conversation_id,
                question: user_message_id,
                reply: message_id,
                generation: generation_id,
            },
            other => panic!("expected `created` as event 1, got {other:?}"),
        }
    }

    /// All events to the end.
    pub(crate) async fn rest(mut self) -> Collected {
        let mut collected = Collected::default();
        while let Some((sequence, event)) = self.next().await {
            collected.add(sequence, event);
        }
        collected
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) conversation: ConversationId,
    pub(crate) question: MessageId,
    pub(crate) reply: MessageId,
    pub(crate) generation: GenerationId,
}

/// A stream that was read to its end.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) events: Vec<(u64, StreamEvent)>,
    pub(crate) parts: Parts,
    pub(crate) status: Option<Status>,
}

impl Collected {
    pub(crate) fn add(&mut self, sequence: u64, event: StreamEvent) {
        assert!(self.status.is_none(), "nothing follows `end`, but {event:?} did");
        self.parts.apply(&event);
        if let StreamEvent::End(StreamEnd { status, .. }) = event {
            self.status = Some(status);
        }
        self.events.push((sequence, event));
    }

    pub(crate) fn text(&self) -> String {
        kaiwa_shared::message::text_of(&self.parts)
    }

    pub(crate) fn error(&self) -> Option<&kaiwa_shared::Problem> {
        self.parts
            .iter()
            .find_map(|part| if let Part::Error { problem } = part { Some(problem) } else { None })
    }
}

/// `t0 t1 t2 …`, as the scripted provider numbers its tokens.
pub(crate) fn numbered(count: usize) -> String {
    (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>().join(" ")
}

/// Pseudo-random numbers that are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `limit` - 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
