//! The connection to the database breaks between a commit and its response.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kaiwa_shared::{
    conversation::Transcript,
    feed::FeedEvent,
    message::{Message, Status},
};
use reqwest::Url;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{TestApp, database_url, message, numbered, within};

#[actix_web::test]
async fn a_message_survives_a_lost_response_to_its_commit() {
    let content = "the answer to this is lost";
    let Some((app, wire)) = start(content).await else { return };
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-50-rate-50", content)).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    assert!(wire.has_cut(), "the connection was broken");
    assert_eq!((reply.status, reply.text()), (Some(Status::Complete), numbered(50)));
    let stored = app.transcript(&user, conversation).await;
    assert_eq!(texts(&stored), [content.to_owned(), numbered(50)], "the turn is stored once");
}

#[actix_web::test]
async fn the_queue_survives_a_lost_response_to_the_commit_of_an_end() {
    // The last token of the reply, which only the transaction of its end contains.
    let Some((app, wire)) = start("t49").await else { return };
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-50-rate-50", "first")).await;
    let conversation = events.created().await.conversation;
    let mut next = within(message("mock-tokens-5-rate-0", "second"), conversation);
    next["queue"] = json!(true);
    app.queue(&user, &next).await;
    let mut feed = app.listen(&user).await;
    assert_eq!(events.rest().await.status, Some(Status::Complete));
    assert!(wire.has_cut(), "the connection was broken");
    for _ in 0..2 {
        feed.find(|event| matches!(event, FeedEvent::GenerationEnded(_)).then_some(())).await;
    }
    let stored = app.transcript(&user, conversation).await;
    assert_eq!(texts(&stored), ["first".to_owned(), numbered(50), "second".to_owned(), numbered(5)]);
}

fn texts(transcript: &Transcript) -> Vec<String> {
    assert!(transcript.messages.iter().all(|message| message.status == Status::Complete));
    transcript.messages.iter().map(Message::text).collect()
}

/// A server whose connection breaks when a transaction that writes `content` is committed. Returns `None` on SQLite,
/// which has no such connection.
async fn start(content: &'static str) -> Option<(TestApp, Wire)> {
    let data = tempfile::tempdir().unwrap();
    let mut url = Url::parse(&database_url(&data)).ok().filter(|url| url.port().is_some())?;
    let wire = Wire::start(&url, content).await;
    url.set_ip_host(wire.address.ip()).unwrap();
    url.set_port(Some(wire.address.port())).unwrap();
    Some((TestApp::spawn_with(&[("DATABASE_URL", url.as_str())]).await, wire))
}

/// A proxy between the server and PostgreSQL.
struct Wire {
    address: SocketAddr,
    /// Starts the proxy. It breaks one connection, once.
    has_cut: Arc<AtomicBool>,
}

impl Wire {
    async fn start(database: &Url, content: &'static str) -> Self {
        let host = database.host_str().unwrap().to_owned();
        let port = database.port().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let has_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&has_cut);
        actix_web::rt::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                actix_web::rt::spawn(relay(client, server, content, Arc::clone(&cut)));
            }
        });
        Self { address, has_cut }
    }

    fn has_cut(&self) -> bool {
        self.has_cut.load(Ordering::SeqCst)
    }
}

/// Forwards bytes in both directions. When a transaction that writes `content` is committed, it reads the database's
/// response and closes both connections instead of forwarding it.
async fn relay(mut client: TcpStream, mut server: TcpStream, content: &str, has_cut: Arc<AtomicBool>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut said: Vec<u8> = Vec::new();
    let mut is_last = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Some(bytes) = read.ok().filter(|length| *length > 0).map(|length| &asked[..length]) else { return };
                said.extend_from_slice(bytes);
                is_last = is_last
                    || has(&said, content) && has(bytes, "COMMIT") && !has_cut.swap(true, Ordering::SeqCst);
                server.write_all(bytes).await.unwrap();
            }
            read = server.read(&mut answered) => {
                let Some(bytes) = read.ok().filter(|length| *length > 0).map(|length| &answered[..length]) else { return };
                if is_last {
                    return;
                }
                client.write_all(bytes).await.unwrap();
            }
        }
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
