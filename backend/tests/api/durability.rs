//! Crashes, restarts and shutdowns.

use std::time::Duration;

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{
    ConversationId,
    message::{Author, Message, Part, Status},
    stream::StreamEvent,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    program::Program,
    support::{Collected, TestApp, message, numbered, within},
};

#[actix_web::test]
async fn a_shutdown_ends_every_stream_properly() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let conversation = events.created().await.conversation;
    for _ in 0..5 {
        events.next().await.unwrap();
    }
    let stopper = app.stopper();
    let (reply, ()) = futures_util::join!(events.rest(), stopper.stop_within(Duration::from_millis(100)));
    assert_eq!(reply.status, Some(Status::Interrupted));

    let app = app.restart(&[]).await;
    let stored = app.transcript(&user, conversation).await;
    let last = stored.messages.last().unwrap();
    assert_eq!(last.status, Status::Interrupted);
    assert!(last.text().ends_with(&reply.text()), "everything that was sent is stored");
    assert!(matches!(last.parts.last(), Some(Part::Error { .. })));
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_message_refused_by_a_full_disk_can_be_sent_again() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &mock, &[("LLM_MODEL", "mock-tokens-5-rate-0")]);
    let user = program.register("ada").await;
    // The handling of a first message and of a missing title must not hide that nothing was stored.
    for new in [json!({ "title": "Notes" }), json!({})] {
        let made = program.ask(&user, Method::POST, "/api/conversations", &new).await.1;
        let conversation: ConversationId = serde_json::from_value(made["id"].clone()).unwrap();
        let message = within(message("mock-tokens-5-rate-0", "remember me"), conversation);
        let log = std::fs::metadata(data.path().join("app.db-wal")).unwrap().len();
        program.limit_files(Some(log));
        let (status, _) = program.ask(&user, Method::POST, "/api/chat/stream", &message).await;
        assert!(status >= 500, "{status}");
        assert!(program.transcript(&user, conversation).await.messages.is_empty());
        program.limit_files(None);
        let reply = program.say(&user, &message).await.rest().await;
        assert_eq!(reply.text(), numbered(5));
        let texts: Vec<String> =
            program.transcript(&user, conversation).await.messages.iter().map(Message::text).collect();
        assert_eq!(texts, ["remember me".to_owned(), numbered(5)]);
    }
    program.kill();
}

#[actix_web::test]
async fn a_killed_server_loses_at_most_half_a_second_of_a_reply() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &mock, &[]);
    let user = program.register("ada").await;

    let mut events = program.say(&user, &message("mock-tokens-2000-rate-200", "remember me")).await;
    let conversation = events.created().await.conversation;
    let mut seen = Collected::default();
    let mut arrived = Vec::new();
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_millis(2500) {
        let (sequence, event) = events.next().await.unwrap();
        seen.add(sequence, event);
        arrived.push((started.elapsed(), seen.text().len()));
    }
    program.kill();
    let died = started.elapsed();

    let program = Program::start(data.path(), &mock, &[]);
    let stored = program.transcript(&user, conversation).await;
    assert_eq!(stored.running, None, "nothing hangs in streaming");
    let [question, reply] = stored.messages.as_slice() else { panic!("{} messages", stored.messages.len()) };
    assert_eq!((question.author, question.text().as_str()), (Author::User, "remember me"));
    assert_eq!(reply.status, Status::Interrupted);
    assert!(numbered(2000).starts_with(reply.text().trim_end()), "a clean beginning of the reply");
    // More than half a second, because writing the checkpoint takes time on a busy machine.
    let kept_at_least = arrived.iter().rfind(|(at, _)| *at + Duration::from_secs(1) < died).unwrap().1;
    assert!(reply.text().len() >= kept_at_least, "{} of at least {kept_at_least} bytes", reply.text().len());

    // The client can attach again and learns how the reply ended.
    let generation = reply.generation_id.unwrap();
    let ended = program.follow(&user, generation, None).await.rest().await;
    assert_eq!(ended.status, Some(Status::Interrupted));
    assert!(matches!(ended.events.first(), Some((_, StreamEvent::Snapshot(_)))));
    program.kill();
}
