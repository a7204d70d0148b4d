//! Two servers on one database. On PostgreSQL, as during a rolling update, each leaves the running replies of the other
//! alone, and marks them as interrupted only when the other has died and its lease has ended. An SQLite file belongs to
//! one process.

use std::{path::Path, thread, time::Duration};

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    ConversationId,
    message::{Message, Status},
    stream::StreamEvent,
};
use tokio::time::timeout;

use crate::{
    program::Program,
    support::{Events, TestApp, TestUser, database_url, message},
};

/// A reply that outlasts the test.
const LONG: &str = "mock-tokens-4000-rate-20";

/// More than a lease and the time until the next process looks.
const LEASE_HAS_ENDED: Duration = Duration::from_secs(40);

/// Starts a server with a data folder of its own on the shared database.
fn start(data: &Path, mock: &MockLlm, database: &str) -> Program {
    let variables = [
        ("DATABASE_URL", database),
        ("JWT_SECRET", "one secret of at least 32 bytes for both"),
        ("LLM_MODEL", LONG),
    ];
    Program::start(data, mock, &variables)
}

async fn reply(app: &TestApp, user: &TestUser, conversation: ConversationId) -> Message {
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
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let shared = tempfile::tempdir().unwrap();
    let database = database_url(&shared);
    if database.starts_with("file:") {
        return;
    }
    let [first_data, second_data] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let first = start(first_data.path(), &mock, &database);
    let first_app = TestApp::spawn().await.at(&first.base);
    let user = first_app.register("ada").await;
    let mut at_first = first_app.say(&user, &message(LONG, "hello")).await;
    let on_first = at_first.created().await.conversation;
    read_more(&mut at_first).await;

    // A second process starts, and starts again after a crash, while the first one writes.
    let second = start(second_data.path(), &mock, &database);
    second.kill();
    let second = start(second_data.path(), &mock, &database);
    let second_app = TestApp::spawn().await.at(&second.base);
    let mut at_second = second_app.say(&user, &message(LONG, "hello")).await;
    let on_second = at_second.created().await.conversation;
    read_more(&mut at_second).await;
    read_more(&mut at_first).await;
    assert_eq!(reply(&second_app, &user, on_first).await.status, Status::Streaming);

    while reply(&second_app, &user, on_first).await.text().is_empty() {
        // Not stored yet.
        read_more(&mut at_first).await;
    }
    first.kill();
    assert_eq!(
        reply(&second_app, &user, on_first).await.status,
        Status::Streaming,
        "its lease has not ended"
    );
    let interrupted = async {
        loop {
            let reply = reply(&second_app, &user, on_first).await;
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
    assert_eq!(reply(&second_app, &user, on_second).await.status, Status::Streaming);
}

#[actix_web::test]
async fn a_successor_in_the_same_folder_need_not_wait_for_the_lease() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let database = database_url(&data);
    let program = start(data.path(), &mock, &database);
    let app = TestApp::spawn().await.at(&program.base);
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message(LONG, "hello")).await;
    let conversation = events.created().await.conversation;
    read_more(&mut events).await;
    program.kill();
    let program = start(data.path(), &mock, &database);
    let app = app.at(&program.base);
    assert_eq!(reply(&app, &user, conversation).await.status, Status::Interrupted);
}

#[actix_web::test]
async fn a_sign_out_in_one_process_ends_the_streams_of_the_other() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let shared = tempfile::tempdir().unwrap();
    let database = database_url(&shared);
    if database.starts_with("file:") {
        return;
    }
    let [first_data, second_data] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let first = start(first_data.path(), &mock, &database);
    let second = start(second_data.path(), &mock, &database);
    let first_app = TestApp::spawn().await.at(&first.base);
    let second_app = TestApp::spawn().await.at(&second.base);
    let user = first_app.register("ada").await;
    let mut feed = second_app.listen(&user).await;
    let mut reply = second_app.say(&user, &message(LONG, "hello")).await;
    reply.created().await;
    let out = first_app.request(reqwest::Method::POST, "/api/auth/logout").bearer_auth(&user.token);
    assert_eq!(out.send().await.unwrap().status(), 204);
    let end = async {
        while feed.next().await.is_some() {}
        while reply.next().await.is_some() {}
    };
    timeout(Duration::from_secs(5), end).await.expect("the streams to end");
    assert_eq!(second_app.get(&user, "/api/auth/me").send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn a_second_process_on_an_sqlite_file_refuses_to_start() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let [data, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let database = format!("file:{}", data.path().join("app.db").display());
    let program = start(data.path(), &mock, &database);
    let app = TestApp::spawn().await.at(&program.base);
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message(LONG, "hello")).await;
    let conversation = events.created().await.conversation;
    read_more(&mut events).await;
    // The same folder, another path to it, and another data folder.
    let detour = format!("sqlite://{}", data.path().join("../").join(data.path()).join("app.db").display());
    let places = [(data.path(), &database), (data.path(), &detour), (other.path(), &database)];
    // Each waits for a while in case the first one is about to stop.
    thread::scope(|scope| {
        for (folder, database) in places {
            let mock = &mock;
            scope.spawn(move || {
                let said = Program::refused(folder, mock, &[("DATABASE_URL", database)]);
                assert!(said.contains("another Kaiwa process uses the file"), "{said}");
                assert!(said.contains("Stop it") && said.contains("PostgreSQL"), "{said}");
            });
        }
    });
    read_more(&mut events).await;
    assert_eq!(reply(&app, &user, conversation).await.status, Status::Streaming);
    // The lock ends with the process, however it ends.
    program.kill();
    start(other.path(), &mock, &database);
}
