//! The database does not answer for a while.

use std::{net::SocketAddr, time::Duration};

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::message::Status;
use reqwest::{Method, Url};
use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    program::Program,
    support::{Client, Collected, TestApp, database_url, message, numbered},
};

const SHORT: &str = "mock-tokens-5-rate-0";
const STEADY: &str = "mock-tokens-200-rate-50";

/// A proxy between the server and PostgreSQL that can be switched off.
struct Switch {
    address: SocketAddr,
    is_on: watch::Sender<bool>,
}

impl Switch {
    async fn start(database: &Url) -> Self {
        let server = (database.host_str().unwrap().to_owned(), database.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_on, seen) = watch::channel(true);
        actix_web::rt::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (mut seen, server) = (seen.clone(), server.clone());
                actix_web::rt::spawn(async move {
                    if !*seen.borrow() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect((server.0.as_str(), server.1)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = seen.wait_for(|is_on| !is_on) => {}
                    }
                });
            }
        });
        Self { address, is_on }
    }
}

#[actix_web::test]
async fn replies_go_on_while_postgresql_is_down_and_are_stored_afterwards() {
    let data = tempfile::tempdir().unwrap();
    let Some(mut url) = Url::parse(&database_url(&data)).ok().filter(|url| url.port().is_some()) else {
        return;
    };
    let switch = Switch::start(&url).await;
    url.set_ip_host(switch.address.ip()).unwrap();
    url.set_port(Some(switch.address.port())).unwrap();
    let app = TestApp::spawn_with(&[("DATABASE_URL", url.as_str())]).await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message(STEADY, "hello")).await;
    let created = events.created().await;

    switch.is_on.send_replace(false);
    let mut seen = Collected::default();
    while seen.text().len() < numbered(100).len() {
        let (sequence, event) = events.next().await.unwrap();
        seen.add(sequence, event);
    }
    let refused = timeout(Duration::from_secs(10), app.get(&user, "/api/conversations").send()).await;
    let refused = refused.expect("an answer while the database is down").unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let ready =
        || async { app.request(Method::GET, "/health/ready").send().await.unwrap().status().as_u16() };
    assert_eq!(ready().await, 503);
    assert_eq!(app.request(Method::GET, "/health").send().await.unwrap().status(), 200);
    // The provider has finished.
    sleep(Duration::from_secs(3)).await;

    switch.is_on.send_replace(true);
    while let Some((sequence, event)) = events.next().await {
        seen.add(sequence, event);
    }
    assert_eq!((seen.status, seen.text()), (Some(Status::Complete), numbered(200)));
    let stored = app.transcript(&user, created.conversation).await.messages.pop().unwrap();
    assert_eq!((stored.status, stored.text()), (Status::Complete, numbered(200)));
    assert_eq!(ready().await, 200);
}

#[actix_web::test]
async fn a_write_waits_for_another_process_that_holds_the_sqlite_file_but_not_for_ever() {
    let app = TestApp::spawn().await;
    let Some(path) = app.database().strip_prefix("file:").map(str::to_owned) else { return };
    let user = app.register("ada").await;
    let mut other = SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
    let create = || app.send(&user, Method::POST, "/api/conversations", &json!({})).send();

    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let (created, ()) = futures_util::join!(create(), async {
        sleep(Duration::from_secs(1)).await;
        other.execute("ROLLBACK").await.unwrap();
    });
    assert_eq!(created.unwrap().status(), 201);

    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = timeout(Duration::from_secs(20), create()).await.expect("an answer").unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(app.get(&user, "/api/conversations").send().await.unwrap().status(), 200, "reads go on");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(create().await.unwrap().status(), 201);
    assert_eq!(app.say(&user, &message(SHORT, "hi")).await.rest().await.status, Some(Status::Complete));
}

#[actix_web::test]
async fn a_database_that_cannot_be_used_is_named_in_one_line() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let garbage = b"garbage ".repeat(2048);
    let header = [b"SQLite format 3\0".as_slice(), &garbage].concat();
    let cases: [(&str, Option<&[u8]>, &str); 4] = [
        ("a text", Some(garbage.as_slice()), "not an SQLite database"),
        ("a header without a database", Some(header.as_slice()), "database"),
        ("a folder", None, "app.db"),
        ("a half of a page", header.get(..700), "database"),
    ];
    for (name, content, expected) in cases {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("app.db");
        match content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::create_dir(&path).unwrap(),
        }
        let said = Program::refused(data.path(), &mock, &[]);
        let lines: Vec<_> = said.lines().filter(|line| line.starts_with("kaiwa:")).collect();
        assert!(matches!(lines[..], [line] if line.contains(expected)), "{name}: {said}");
        if let Some(content) = content {
            assert_eq!(std::fs::read(&path).unwrap(), content, "{name} is left alone");
        }
    }
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_server_without_free_descriptors_goes_on_and_accepts_connections_again() {
    let program = Program::spawn(&[("LLM_MODEL", "mock-tokens-60-rate-50")]);
    let user = program.register("ada").await;
    let reply = program.say(&user, &message("mock-tokens-60-rate-50", "hi")).await;
    program.limit_descriptors(4);
    let address = program.base.strip_prefix("http://").unwrap();
    // The operating system accepts them all; the server accepts as many as it can.
    let mut strangers = Vec::new();
    for _ in 0..64 {
        strangers.push(TcpStream::connect(address).await.unwrap());
    }
    let reply = reply.rest().await;
    assert_eq!((reply.status, reply.text()), (Some(Status::Complete), numbered(60)));
    drop(strangers);
    let again = Client::new(&program.base).get(&user, "/api/conversations").send();
    let again = timeout(Duration::from_secs(20), again).await.expect("an answer").unwrap();
    assert_eq!(again.status(), 200);
}
