//! Two servers on one database. On PostgreSQL, as during a rolling update, each leaves the running replies of the other
//! alone, and marks them as interrupted only when the other has died and its lease has ended. An SQLite file belongs to
//! one process.

use std::{thread, time::Duration};

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    ConversationId,
    message::{Message, Status},
    stream::StreamEvent,
};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    program::Program,
    support::{Client, Events, TestUser, database_url, message},
};

/// A reply that outlasts the test.
const LONG: &str = "mock-tokens-4000-rate-20";

/// More than a lease and the time until the next process looks.
const LEASE_HAS_ENDED: Duration = Duration::from_secs(40);

/// A scripted provider, a database and data folders that several processes share.
struct Shared {
    mock: MockLlm,
    data: [TempDir; 2],
    database: String,
}

impl Shared {
    fn new() -> Self {
        let data = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
        Self { mock, database: database_url(&data[0]), data }
    }

    /// The same, if several processes may use the database at the same time.
    fn on_postgres() -> Option<Self> {
        Some(Self::new()).filter(|shared| !shared.database.starts_with("file:"))
    }

    /// Starts a server with one of the data folders.
    fn start(&self, data: usize) -> Program {
        let variables = [
            ("DATABASE_URL", self.database.as_str()),
            ("JWT_SECRET", "one secret of at least 32 bytes for both"),
            ("LLM_MODEL", LONG),
        ];
        Program::start(self.data[data].path(), &self.mock, &variables)
    }
}

/// Begins a long reply and reads some of it.
async fn begin_reply(app: &Client, user: &TestUser) -> (ConversationId, Events) {
    let mut events = app.say(user, &message(LONG, "hello")).await;
    let conversation = events.created().await.conversation;
    read_more(&mut events).await;
    (conversation, events)
}

async fn reply(app: &Client, user: &TestUser, conversation: ConversationId) -> Message {
    app.transcript(user, conversation).await.messages.pop().unwrap()
}

/// Reads until more of the reply has arrived.
async fn read_more(events: &mut Events) {
    let more = async {
        while let Some((_, event)) = events.next().await {
            if matches!(event, StreamEvent::Delta(_)) {
                return;
            }
        }
        panic!("the reply has ended");
    };
    timeout(Duration::from_secs(10), more).await.expect("more of the reply");
}

#[actix_web::test]
async fn a_process_interrupts_replies_of_another_only_after_its_lease() {
    let Some(shared) = Shared::on_postgres() else { return };
    let first = shared.start(0);
    let user = first.register("ada").await;
    let (on_first, mut at_first) = begin_reply(&first, &user).await;

    // A second process starts, and starts again after a crash, while the first one writes.
    shared.start(1).kill();
    let second = shared.start(1);
    let (on_second, mut at_second) = begin_reply(&second, &user).await;
    read_more(&mut at_first).await;
    assert_eq!(reply(&second, &user, on_first).await.status, Status::Streaming);

    while reply(&second, &user, on_first).await.text().is_empty() {
        // Not stored yet.
        read_more(&mut at_first).await;
    }
    first.kill();
    assert_eq!(reply(&second, &user, on_first).await.status, Status::Streaming, "its lease has not ended");
    let interrupted = async {
        loop {
            let reply = reply(&second, &user, on_first).await;
            if reply.status != Status::Streaming {
                return reply;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let interrupted = timeout(LEASE_HAS_ENDED, interrupted).await.expect("the end of the lease");
    assert_eq!(interrupted.status, Status::Interrupted);
    assert!(!interrupted.text().is_empty(), "what was stored of it is kept");
    read_more(&mut at_second).await;
    assert_eq!(reply(&second, &user, on_second).await.status, Status::Streaming);
}

#[actix_web::test]
async fn a_successor_in_the_same_folder_need_not_wait_for_the_lease() {
    let shared = Shared::new();
    let program = shared.start(0);
    let user = program.register("ada").await;
    let (conversation, _events) = begin_reply(&program, &user).await;
    program.kill();
    let program = shared.start(0);
    assert_eq!(reply(&program, &user, conversation).await.status, Status::Interrupted);
}

#[actix_web::test]
async fn a_sign_out_in_one_process_ends_the_streams_of_the_other() {
    let Some(shared) = Shared::on_postgres() else { return };
    let (first, second) = (shared.start(0), shared.start(1));
    let user = first.register("ada").await;
    let mut feed = second.listen(&user).await;
    let (_, mut reply) = begin_reply(&second, &user).await;
    let out = first.request(reqwest::Method::POST, "/api/auth/logout").bearer_auth(&user.token);
    assert_eq!(out.send().await.unwrap().status(), 204);
    let end = async {
        while feed.next().await.is_some() {}
        while reply.next().await.is_some() {}
    };
    timeout(Duration::from_secs(5), end).await.expect("the streams to end");
    assert_eq!(second.get(&user, "/api/auth/me").send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn a_second_process_on_an_sqlite_file_refuses_to_start() {
    let mut shared = Shared::new();
    shared.database = format!("file:{}", shared.data[0].path().join("app.db").display());
    let [data, other] = shared.data.each_ref().map(TempDir::path);
    let program = shared.start(0);
    let user = program.register("ada").await;
    let (conversation, mut events) = begin_reply(&program, &user).await;
    // The same folder, another path to it, and another data folder.
    let detour = format!("sqlite://{}", data.join("../").join(data).join("app.db").display());
    let places = [(data, &shared.database), (data, &detour), (other, &shared.database)];
    // Each waits for a while in case the first one is about to stop.
    thread::scope(|scope| {
        for (folder, database) in places {
            let mock = &shared.mock;
            scope.spawn(move || {
                let said = Program::refused(folder, mock, &[("DATABASE_URL", database)]);
                assert!(said.contains("another Kaiwa process uses the file"), "{said}");
                assert!(said.contains("Stop it") && said.contains("PostgreSQL"), "{said}");
            });
        }
    });
    read_more(&mut events).await;
    assert_eq!(reply(&program, &user, conversation).await.status, Status::Streaming);
    // The lock ends with the process, however it ends.
    program.kill();
    shared.start(1);
}
