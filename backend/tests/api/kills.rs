//! Kills the server fifty times at random moments under fifty streams. After each restart, the stored data is compared
//! with what the clients had received:
//!
//! - an acknowledged message is stored exactly once, and so is its reply;
//! - a reply is a prefix of the provider's text and contains everything that a client had received a second earlier;
//! - an interrupted reply is marked as interrupted, a finished one is complete, and no request hangs;
//! - an unacknowledged message can be sent again and is then stored exactly once;
//! - the server starts without help, and the database is intact.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    ClientMessageId, ConversationId,
    message::{Author, Status},
    stream::{self, StreamEvent},
    time::Millis,
};
use kaiwa_store::Store;
use reqwest::Method;
use serde_json::json;

use crate::{
    program::Program,
    support::{Client, Collected, Created, Dice, Events, TestUser, body, database_url, numbered},
};

const ROUNDS: u64 = 50;
const STREAMS: u64 = 50;

/// A reply that no round lasts long enough to complete, and one that many do.
const LONG: &str = "mock-tokens-400-rate-20";
const SHORT: &str = "mock-tokens-12-rate-40";

/// The state of one message, as its client knows it.
struct Sent {
    id: ClientMessageId,
    content: String,
    model: &'static str,
    created: Option<Created>,
    reply: Collected,
    /// When the reply was how long.
    seen: Vec<(Instant, usize)>,
}

#[actix_web::test]
#[ignore = "kills a server fifty times: `cargo xtask test` runs it on both databases"]
async fn fifty_kills_under_fifty_streams_lose_nothing_confirmed() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let database = database_url(&data);
    let models = format!("{LONG},{SHORT}");
    let variables = [
        ("DATABASE_URL", database.as_str()),
        ("LLM_MODEL", models.as_str()),
        ("MAX_GENERATIONS_PER_USER", "1000"),
        ("APP_MODE", "multi"),
    ];
    let start = || Program::start(data.path(), &mock, &variables);

    let mut program = start();
    let mut app = Client::new(&program.base);
    let user = app.register("ada").await;
    let mut dice = Dice::new(20_261_121);
    let mut sent: Vec<Sent> = Vec::new();
    let (mut checked, mut late) = (0, 0);
    for round in 0..ROUNDS {
        wait_until_ready(&app).await;
        let pause = Duration::from_millis(200 + dice.below(1300));
        let messages: Vec<Sent> = (0..STREAMS).map(|n| Sent::new(round, n)).collect();
        let clients = messages.into_iter().map(|message| {
            let delay = Duration::from_millis(dice.below(u64::try_from(pause.as_millis()).unwrap() * 9 / 10));
            message.follow(&app, &user, delay)
        });
        let kill = async {
            tokio::time::sleep(pause).await;
            let died = Instant::now();
            program.kill();
            died
        };
        let (mut messages, died) = join(join_all(clients), kill).await;

        program = start();
        app = Client::new(&program.base);
        wait_until_ready(&app).await;
        check_database(&database).await;
        for message in &messages {
            let stored = message.check(&app, &user, round).await;
            let seen = message.seen_a_second_before(died);
            checked += usize::from(seen > 0);
            late += usize::from(stored < seen);
        }
        for message in messages.iter_mut().filter(|message| message.created.is_none()) {
            message.send_again(&app, &user).await;
        }
        sent.append(&mut messages);
    }
    check_all(&app, &user, &sent).await;
    program.kill();
    // A busy machine may be late with a checkpoint.
    assert!(checked > 0 && late * 20 <= checked, "{late} of {checked} replies lost what was a second old");
}

async fn wait_until_ready(app: &Client) {
    let is_ready = || async {
        let answer = app.request(Method::GET, "/health/ready").send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    };
    let ready = async {
        while !is_ready().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await.expect("a server that is ready");
}

/// Checks that the database is intact and that no reply is left in `streaming` after the recovery.
async fn check_database(url: &str) {
    let store = Store::open(url).await.unwrap();
    assert_eq!(store.damages().await.unwrap(), Vec::<String>::new());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.runners().interrupt_abandoned(Millis(i64::MAX)).await.unwrap(), 0);
    drop(tx);
    store.close().await;
}

impl Sent {
    fn new(round: u64, n: u64) -> Self {
        Self {
            id: ClientMessageId::new(),
            content: format!("round {round}, message {n}"),
            model: if n.is_multiple_of(2) { LONG } else { SHORT },
            created: None,
            reply: Collected::default(),
            seen: Vec::new(),
        }
    }

    /// Opens the reply's stream. Returns `None` if the server does not respond.
    async fn open(&self, app: &Client, user: &TestUser) -> Option<Events> {
        let message = json!({
            "client_message_id": self.id,
            "content": self.content,
            "model": format!("llm/{}", self.model),
        });
        let response = app.send(user, Method::POST, "/api/chat/stream", &message).send().await.ok()?;
        Some(Events::new(response))
    }

    /// Sends the message after `delay` and records all events until the end or the kill.
    async fn follow(mut self, app: &Client, user: &TestUser, delay: Duration) -> Self {
        tokio::time::sleep(delay).await;
        let Some(mut events) = self.open(app, user).await else { return self };
        while let Some((number, event)) = events.next().await {
            if let StreamEvent::Created(stream::Created {
                conversation_id,
                user_message_id,
                message_id,
                generation_id,
                ..
            }) = &event
            {
                self.created = Some(Created {
                    conversation: *conversation_id,
                    question: *user_message_id,
                    reply: *message_id,
                    generation: *generation_id,
                });
            }
            self.reply.add(number, event);
            self.seen.push((Instant::now(), self.reply.text().len()));
        }
        self
    }

    /// The length of the reply a second before `died`, in bytes.
    fn seen_a_second_before(&self, died: Instant) -> usize {
        let seen = self.seen.iter().rfind(|(at, _)| *at + Duration::from_secs(1) < died);
        seen.map_or(0, |(_, length)| *length)
    }

    /// Checks that everything that was acknowledged is stored. Returns the length of the stored reply in bytes.
    async fn check(&self, app: &Client, user: &TestUser, round: u64) -> usize {
        let Some(created) = self.created else { return 0 };
        let about = format!("{} of round {round}", self.content);
        let stored = app.transcript(user, created.conversation).await;
        assert_eq!(stored.running, None, "{about}");
        let [question, reply] = stored.messages.as_slice() else { panic!("{about}: {:?}", stored.messages) };
        assert_eq!((question.author, question.text()), (Author::User, self.content.clone()), "{about}");
        assert_eq!(reply.id, created.reply, "{about}");

        let tokens = if self.model == LONG { 400 } else { 12 };
        let text = reply.text();
        assert!(numbered(tokens).starts_with(text.trim_end()), "{about}: {text}");
        let length = text.len();
        match self.reply.status {
            Some(status) => {
                assert_eq!((reply.status, text), (status, self.reply.text()), "{about}: an end is stored");
            }
            // The end may have been stored but not sent.
            None if reply.status == Status::Complete => assert_eq!(text.trim(), numbered(tokens), "{about}"),
            None => assert_eq!(reply.status, Status::Interrupted, "{about}"),
        }
        length
    }

    /// Sends a message whose fate is unknown again, until it is acknowledged.
    async fn send_again(&mut self, app: &Client, user: &TestUser) {
        let mut events = self.open(app, user).await.expect("a server that answers");
        self.created = Some(events.created().await);
    }
}

/// Checks that every message is stored once, even if it was sent twice.
async fn check_all(app: &Client, user: &TestUser, sent: &[Sent]) {
    let acknowledged: HashSet<ConversationId> =
        sent.iter().filter_map(|message| message.created.map(|created| created.conversation)).collect();
    assert_eq!(acknowledged.len(), sent.len(), "each message has a conversation of its own");
    let mut found: HashSet<ConversationId> = HashSet::new();
    let mut path = "/api/conversations?limit=100".to_owned();
    loop {
        let page = body(app.get(user, &path).send().await.unwrap()).await;
        for conversation in page["items"].as_array().unwrap() {
            found.insert(serde_json::from_value(conversation["id"].clone()).unwrap());
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/conversations?limit=100&after={next}");
    }
    assert_eq!(found, acknowledged);
    for message in sent {
        let conversation = message.created.unwrap().conversation;
        let said = app.transcript(user, conversation).await.messages;
        let [question, _reply] = said.as_slice() else {
            panic!("{}: {} messages", message.content, said.len())
        };
        assert_eq!(question.text(), message.content);
    }
}
