//! Returning to a reply from another tab, after a reload, or after a lost connection.

use std::time::{Duration, Instant};

use kaiwa_shared::{ConversationId, message::Status, stream::StreamEvent};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::support::{Collected, TestApp, body, message, numbered};

#[actix_web::test]
async fn attaching_returns_a_snapshot_and_then_the_events() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-200-rate-50", "hello")).await;
    let created = events.created().await;
    for _ in 0..20 {
        events.next().await.unwrap();
    }
    assert_eq!(app.transcript(&user, created.conversation).await.running, Some(created.generation));

    let mut second = app.follow(&user, created.generation, None).await;
    let (sequence, first) = second.next().await.unwrap();
    assert!(matches!(first, StreamEvent::Snapshot(_)), "{first:?}");
    assert!(sequence >= 20);
    let mut collected = Collected::default();
    collected.add(sequence, first);
    while let Some((next, event)) = second.next().await {
        assert_eq!(next, collected.events.last().unwrap().0 + 1);
        collected.add(next, event);
    }
    assert_eq!(collected.text().trim(), numbered(200));
    assert_eq!(events.rest().await.status, Some(Status::Complete));
}

#[actix_web::test]
async fn a_disconnected_reader_does_not_end_the_reply() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-200-rate-50", "hello")).await;
    let created = events.created().await;
    events.next().await.unwrap();
    drop(events);
    let reply = app.follow(&user, created.generation, None).await.rest().await;
    assert_eq!(reply.status, Some(Status::Complete));
    assert_eq!(reply.text().trim(), numbered(200));
}

#[actix_web::test]
async fn a_sender_that_disconnects_early_leaves_no_orphaned_reply() {
    const SENDERS: u64 = 50;
    let app = TestApp::spawn_with(&[("MAX_GENERATIONS_PER_USER", "1000")]).await;
    let user = app.register("ada").await;
    let address = app.base.trim_start_matches("http://").to_owned();
    for number in 0..SENDERS {
        let message = message("mock-tokens-5-rate-0", "hello").to_string();
        let request = format!(
            "POST /api/chat/stream HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{message}",
            user.token,
            message.len()
        );
        let mut socket = TcpStream::connect(&address).await.unwrap();
        // The connection is reset, not closed, so nobody receives the response.
        socket.set_zero_linger().unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_micros(500 * number)).await;
        drop(socket);
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let list = body(app.get(&user, "/api/conversations?limit=100").send().await.unwrap()).await;
    let ids: Vec<ConversationId> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| serde_json::from_value(conversation["id"].clone()).unwrap())
        .collect();
    assert!(!ids.is_empty(), "some requests arrived: {list}");
    for id in ids {
        loop {
            let transcript = app.transcript(&user, id).await;
            let status = transcript.messages.last().unwrap().status;
            if status == Status::Complete {
                assert_eq!(transcript.running, None);
                break;
            }
            assert!(Instant::now() < deadline, "a reply is {status:?} and nobody writes it");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[actix_web::test]
async fn a_lost_connection_resumes_exactly_after_the_last_event() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-200-rate-50", "hello")).await;
    let generation = events.created().await.generation;
    let mut collected = Collected::default();
    let mut last = 1;
    // The connection is lost after every seventh event.
    'reading: loop {
        for _ in 0..7 {
            let Some((sequence, event)) = events.next().await else { break 'reading };
            // A finished reply is sent as a whole.
            let exact = sequence == last + 1 || matches!(event, StreamEvent::Snapshot(_)) && sequence >= last;
            assert!(exact, "{sequence} after {last}: {event:?}");
            last = sequence;
            collected.add(sequence, event);
            if collected.status.is_some() {
                break 'reading;
            }
        }
        drop(events);
        events = app.follow(&user, generation, Some(last)).await;
    }
    assert_eq!(collected.text().trim(), numbered(200));
    assert_eq!(collected.status, Some(Status::Complete));
}

#[actix_web::test]
async fn a_finished_reply_is_a_snapshot_and_its_end() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-5-rate-0", "hello")).await;
    let created = events.created().await;
    events.rest().await;
    for after in [None, Some(0), Some(3), Some(1_000_000)] {
        let reply = app.follow(&user, created.generation, after).await.rest().await;
        assert_eq!(reply.status, Some(Status::Complete), "{after:?}");
        assert_eq!(reply.text().trim(), numbered(5), "{after:?}");
    }
}

#[actix_web::test]
async fn another_users_generation_is_not_found() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let eve = app.register("eve").await;
    let mut events = app.say(&ada, &message("mock-tokens-200-rate-50", "private")).await;
    let generation = events.created().await.generation;
    let path = format!("/api/generations/{generation}");
    assert_eq!(app.get(&eve, &format!("{path}/events")).send().await.unwrap().status(), 404);
    let stop = app.send(&eve, reqwest::Method::POST, &format!("{path}/stop"), &serde_json::json!({}));
    assert_eq!(stop.send().await.unwrap().status(), 404);
    assert_eq!(events.rest().await.status, Some(Status::Complete));
}

#[actix_web::test]
async fn signing_out_ends_open_streams() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    events.created().await;
    let response =
        app.request(reqwest::Method::POST, "/api/auth/logout").bearer_auth(&user.token).send().await;
    assert_eq!(response.unwrap().status(), 204);
    assert_eq!(events.rest().await.status, None, "the stream is cut, the reply goes on");
}
