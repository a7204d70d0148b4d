//! Streams that follow the protocol loosely, as a reader sees them, and titles of models that talk around them.

use kaiwa_shared::{
    Code,
    message::{Part, Status},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Collected, TestApp, TestUser, message};

/// A provider that answers a request for a reply with the first, and one for a title with the second.
async fn provider(reply: &str, title: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (reply, title) = (reply.to_owned(), title.to_owned());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (reply, title) = (reply.clone(), title.clone());
            tokio::spawn(async move { answer(connection, &reply, &title).await });
        }
    });
    url
}

async fn answer(mut connection: TcpStream, reply: &str, title: &str) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    connection.read_exact(&mut body).await.ok()?;
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_title = asked["messages"][0]["role"] == "system";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).await.ok()?;
    for part in if is_title { title } else { reply }.split_inclusive(": --- 7 s ---\n") {
        connection.write_all(part.as_bytes()).await.ok()?;
        if part.ends_with("---\n") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    connection.shutdown().await.ok()
}

async fn app(reply: &str, title: &str) -> (TestApp, TestUser) {
    let url = provider(reply, title).await;
    let app = TestApp::spawn_with(&[("LLM_API_URL", &url), ("LLM_MODEL", "m")]).await;
    let user = app.register("ada").await;
    (app, user)
}

async fn ask(reply: &str) -> Collected {
    let (app, user) = app(reply, "").await;
    app.say(&user, &message("m", "Hello")).await.rest().await
}

fn reasoning(reply: &Collected) -> String {
    let thought = |part: &Part| match part {
        Part::Reasoning { text, .. } => Some(text.clone()),
        _ => None,
    };
    reply.parts.iter().filter_map(thought).collect()
}

#[actix_web::test]
async fn loose_streams_are_read_whole() {
    let code = "Here is the template:\n\n```jinja\n{{ message.content }}\n</think>\n{{ answer }}\n```\n\nPut it into your file.";
    for (stream, thought, text) in [
        (include_str!("streams/leading_stop.sse"), "", "The tide turns at six."),
        (include_str!("streams/stop_in_every_chunk.sse"), "", "First half, second half."),
        (include_str!("streams/closing_tag_in_code.sse"), "", code),
        (
            include_str!("streams/opening_tag_after_reasoning_field.sse"),
            "Thinking here.",
            "<think> is the tag that opens a thought. It needs a closing one.",
        ),
        (include_str!("streams/single_newlines.sse"), "", "Good morning."),
        (include_str!("streams/split_emoji.sse"), "", "Sailing 🚢 is fun."),
        (include_str!("streams/choice_index_1.sse"), "The person asks for the capital.", "It is Bern."),
    ] {
        let reply = ask(stream).await;
        assert_eq!((reply.text().as_str(), reasoning(&reply).as_str()), (text, thought));
        assert_eq!(reply.status, Some(Status::Complete), "{text}");
    }
}

#[actix_web::test]
async fn an_error_in_an_unknown_field_is_told_in_the_hosts_words_and_not_asked_for_again() {
    let reply = ask(include_str!("streams/error_field.sse")).await;
    let problem = reply.error().unwrap();
    assert_eq!(problem.code, Code::ContextLength);
    assert_eq!(problem.detail, "the request exceeds the available context size");
    let is_retry = |event: &kaiwa_shared::stream::StreamEvent| {
        matches!(event, kaiwa_shared::stream::StreamEvent::Retrying(_))
    };
    assert!(!reply.events.iter().any(|(_, event)| is_retry(event)));
}

#[actix_web::test]
async fn a_reply_without_text_says_why() {
    let finish = |delta: &str, reason: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{delta},\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n"
        )
    };
    for (stream, code, words) in [
        (include_str!("streams/empty_reply.sse").to_owned(), Code::EmptyReply, "finish reason: stop"),
        (finish(r#"{"reasoning":"Hm"}"#, "length"), Code::OutputLimit, "less reasoning"),
        (finish("{}", "malformed_function_call"), Code::MalformedCall, "tool"),
        (finish(r#"{"content":[{"type":"video","url":"x"}]}"#, "stop"), Code::UnknownContent, "video"),
    ] {
        let reply = ask(&stream).await;
        assert_eq!(reply.status, Some(Status::Failed), "{stream}");
        let problem = reply.error().unwrap();
        assert_eq!(problem.code, code, "{stream}");
        assert!(problem.detail.contains(words), "{problem:?}");
        assert!(matches!(reply.parts.last(), Some(Part::Error { .. })), "it is kept");
    }
}

#[actix_web::test]
async fn an_event_of_megabytes_arrives() {
    let word = "word ".repeat(400_000);
    let chunk = json!({ "choices": [{ "delta": { "content": word }, "finish_reason": "stop" }] });
    let reply = ask(&format!("data: {chunk}\n\ndata: [DONE]\n\n")).await;
    assert_eq!((reply.text().len(), reply.status), (word.len(), Some(Status::Complete)));
}

/// The title of a conversation whose model answers so.
async fn titled(title: &[Value]) -> String {
    let stream = |deltas: &[Value]| {
        let chunks = deltas.iter().map(|delta| json!({ "choices": [{ "delta": delta }] }));
        let chunks: Vec<String> = chunks.map(|chunk| format!("data: {chunk}\n\n")).collect();
        chunks.concat() + "data: [DONE]\n\n"
    };
    let (app, user) = app(&stream(&[json!({ "content": "Use a server block." })]), &stream(title)).await;
    let question = "How do I set up nginx?";
    let mut events = app.say(&user, &message("m", question)).await;
    let conversation = events.created().await.conversation;
    events.rest().await;
    // The title may come after the end.
    for _ in 0..200 {
        let listed = app.transcript(&user, conversation).await.conversation.title;
        if !listed.is_empty() && listed != question {
            return listed;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    question.to_owned()
}

#[actix_web::test]
async fn a_title_is_made_of_the_answer_only() {
    let said = |text: &str| json!({ "content": text });
    for title in [
        vec![json!({ "reasoning_content": "The user wants a title." }), said("Setting up nginx")],
        vec![said("<think>\nA title "), said("is wanted.\n</think>\n\n"), said("Setting up nginx")],
        vec![said("A title is wanted.\n</think>\n\n**Title:** Setting up nginx")],
        vec![said("```json\n{\"title\": \"Setting up nginx\"}\n```")],
        vec![said("Sure! Here's a title:\n\n\"Setting up nginx.\"")],
    ] {
        assert_eq!(titled(&title).await, "Setting up nginx", "{title:?}");
    }
    for title in [vec![json!({ "reasoning_content": "Hm." })], vec![said("```json\n```")]] {
        assert_eq!(titled(&title).await, "How do I set up nginx?", "{title:?}");
    }
}
