//! Temporary conversations, which are not stored.

use std::collections::BTreeMap;

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    message::Status,
    stream::{Created, StreamEvent},
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

use crate::{
    program::Program,
    support::{Collected, TestApp, body, message, numbered, user_of},
};

/// A message in a temporary conversation that already has a history.
fn temporary(model: &str, content: &str) -> Value {
    let mut new = message(model, content);
    new["temporary"] = json!([
        { "author": "user", "text": "canary question" },
        { "author": "assistant", "text": "canary answer" },
    ]);
    new
}

/// The number of rows in each table of the server's database.
async fn row_counts(app: &TestApp) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    if let Some(path) = app.database().strip_prefix("file:") {
        let mut conn = SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
        let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'");
        for table in tables.fetch_all(&mut conn).await.unwrap() {
            let name: String = table.get(0);
            let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{name}\""));
            let count = sqlx::query(sql).fetch_one(&mut conn).await.unwrap().get(0);
            counts.insert(name, count);
        }
    } else {
        let (server, schema) = app.database().split_once("?schema=").unwrap();
        let mut conn = PgConnection::connect(server).await.unwrap();
        let tables = sqlx::query("SELECT tablename::TEXT FROM pg_tables WHERE schemaname = $1").bind(schema);
        for table in tables.fetch_all(&mut conn).await.unwrap() {
            let name: String = table.get(0);
            let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{schema}\".\"{name}\""));
            let count = sqlx::query(sql).fetch_one(&mut conn).await.unwrap().get(0);
            counts.insert(name, count);
        }
    }
    assert!(counts.len() > 5, "{counts:?}");
    counts
}

#[actix_web::test]
async fn a_temporary_reply_is_never_stored() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let before = row_counts(&app).await;
    let mut feed = app.listen(&user).await;
    // Long enough for a checkpoint.
    let mut events = app.say(&user, &temporary("mock-tokens-50-rate-50", "canary wish")).await;
    let created = events.created().await;
    let reply = events.rest().await;
    assert_eq!((reply.text().trim(), reply.status), (numbered(50).as_str(), Some(Status::Complete)));
    assert!(!reply.events.iter().any(|(_, event)| matches!(event, StreamEvent::Title(_))));

    // The model receives the history that the page has sent, in order.
    let asked = app.mock.requests();
    let asked = asked.iter().rev().find(|request| request.body["model"] == "mock-tokens-50-rate-50").unwrap();
    let said: Vec<_> = asked.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["canary question", "canary answer", "canary wish"]);

    assert_eq!(row_counts(&app).await, before);
    let list = body(app.get(&user, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(list["items"], json!([]));
    let path = format!("/api/conversations/{}", created.conversation);
    assert_eq!(app.get(&user, &path).send().await.unwrap().status(), 404);
    // Only stored changes are announced: the next event is about a stored conversation.
    app.say(&user, &message("mock-tokens-5-rate-0", "kept")).await.rest().await;
    let heard = serde_json::to_string(&feed.next().await.unwrap()).unwrap();
    assert!(!heard.contains(&created.conversation.to_string()), "{heard}");

    let generation = created.generation;
    let app = app.restart(&[]).await;
    let path = format!("/api/generations/{generation}/events");
    assert_eq!(app.get(&user, &path).send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn a_temporary_reply_leaves_no_trace_on_the_disk() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let variables =
        [("LOG_LEVEL", "trace"), ("LLM_MODEL", "echo,mock-error-500,mock-cut-2"), ("APP_MODE", "multi")];
    let program = Program::start(data.path(), &mock, &variables);
    let account = json!({ "username": "ada", "password": crate::support::PASSWORD });
    let user = user_of(&body(program.post("/api/auth/register", &account).await).await);
    for model in ["echo", "mock-error-500", "mock-cut-2"] {
        program.say(&user, &temporary(model, "canary wish")).await.rest().await;
    }
    let log = program.kill().join("\n");
    assert!(log.contains("/api/chat/stream"), "{log}");
    assert!(!log.contains("canary"), "{log}");
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"canary"), "{}", path.display());
        }
    }
}

#[actix_web::test]
async fn a_running_temporary_reply_can_be_followed_and_stopped() {
    let app = TestApp::spawn().await;
    let (user, eve) = (app.register("ada").await, app.register("eve").await);
    let new = temporary("mock-tokens-2000-rate-200", "long");
    let mut events = app.say(&user, &new).await;
    let created = events.created().await;
    let mut collected = Collected::default();
    for _ in 0..5 {
        let (sequence, event) = events.next().await.unwrap();
        collected.add(sequence, event);
    }
    drop(events);
    let foreign = format!("/api/generations/{}", created.generation);
    assert_eq!(app.get(&eve, &format!("{foreign}/events")).send().await.unwrap().status(), 404);
    assert_eq!(app.ask(&eve, Method::POST, &format!("{foreign}/stop"), &json!({})).await.0, 404);

    // A reconnect misses nothing, and a repeated message is the same reply.
    let last = collected.events.last().unwrap().0;
    let mut follower = app.follow(&user, created.generation, Some(last)).await;
    let (next, _) = follower.next().await.unwrap();
    assert!(next > last);
    let mut again = app.say(&user, &new).await;
    assert_eq!(again.created().await, created);
    let mut other = temporary("echo", "other words");
    other["client_message_id"] = new["client_message_id"].clone();
    assert_eq!(app.refused(&user, &other).await, (409, "conflict".to_owned()));

    app.stop(&user, created.generation).await;
    assert_eq!(again.rest().await.status, Some(Status::Stopped));
    // It can still be read shortly after its end.
    let late = app.follow(&user, created.generation, None).await.rest().await;
    assert_eq!(late.status, Some(Status::Stopped));
    assert!(late.text().starts_with("t0 t1"), "{}", late.text());
    app.stop(&user, created.generation).await;
}

#[actix_web::test]
async fn several_models_can_reply_to_a_temporary_message() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let before = row_counts(&app).await;
    let mut new = temporary("mock-tokens-5-rate-0", "hello");
    new["beside"] = json!(["llm/echo"]);
    let mut events = app.say(&user, &new).await;
    let Some((1, StreamEvent::Created(Created { parallel, .. }))) = events.next().await else {
        panic!("no created")
    };
    assert_eq!(events.rest().await.text().trim(), numbered(5));
    let other = app.follow(&user, parallel[0].generation_id, None).await.rest().await;
    assert_eq!(other.text(), "hello");
    assert_eq!(row_counts(&app).await, before);
}

#[actix_web::test]
async fn a_temporary_message_cannot_refer_to_stored_ones() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let stored = events.created().await;
    events.rest().await;
    for (field, value) in [
        ("conversation_id", json!(stored.conversation)),
        ("parent_id", json!(stored.reply)),
        ("queue", json!(true)),
    ] {
        let mut wrong = temporary("echo", "hello");
        wrong[field] = value;
        let (status, problem) = app.ask(&user, Method::POST, "/api/chat/stream", &wrong).await;
        assert_eq!((status, problem.pointer("/errors/0/field").unwrap()), (422, &json!(field)));
    }
}
