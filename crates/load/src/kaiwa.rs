//! Prepares Kaiwa for a measurement: a session, and a conversation for each stream.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use kaiwa_shared::{ConversationId, auth::Session, conversation::Conversation};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    plan::Plan,
    response::Response,
    target::{Account, post},
};

/// Signs in and creates the conversations, with titles: otherwise Kaiwa would ask the model for a title, in a second
/// request that is not to be measured.
pub(crate) async fn prepare(plan: &Plan, email: &str, password: &str) -> Result<Account> {
    let mut connection = Connection::open(plan.address).await?;
    let credentials = json!({ "email": email, "password": password });
    let session: Session =
        connection.ask("/api/auth/login", None, &credentials).await.context("could not sign in")?;
    let token = session.access_token;
    let mut conversations: Vec<ConversationId> = Vec::new();
    for number in 0..plan.streams {
        let wanted = json!({ "title": format!("Stream {number}") });
        let made: Conversation = connection
            .ask("/api/conversations", Some(&token), &wanted)
            .await
            .context("could not create a conversation")?;
        conversations.push(made.id);
    }
    Ok(Account { token, conversations })
}

struct Connection(TcpStream);

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        Ok(Self(TcpStream::connect(address).await.context("could not connect")?))
    }

    async fn ask<T>(&mut self, path: &str, token: Option<&str>, body: &Value) -> Result<T>
    where
        T: serde::de::DeserializeOwned,
    {
        self.0.write_all(&post(path, token, &body.to_string())).await?;
        let (mut response, mut text) = (Response::default(), Vec::new());
        let mut buffer = [0; 4096];
        while !response.is_done() {
            let length = self.0.read(&mut buffer).await?;
            ensure!(length > 0, "the connection was closed");
            response.push(buffer.get(..length).unwrap_or_default(), |bytes| {
                text.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        ensure!(
            (200..300).contains(&response.status()),
            "{path} responded with {}: {}",
            response.status(),
            String::from_utf8_lossy(&text)
        );
        serde_json::from_slice(&text).with_context(|| format!("{path} returned an unexpected body"))
    }
}
