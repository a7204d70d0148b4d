//! Ollama's own chat API, which offers more than its OpenAI-compatible one: the size of the window and the finish
//! reason.
//!
//! `request`, `window`, `decode` and `models` are pure translation, and this file sends. The protocol needs no
//! provider blocks.

mod chunk;
mod decode;
mod models;
mod request;
mod window;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use models::{Shown, Tags};
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http,
    refused_features::{self, Learned, Without},
    transport::Transport,
};

/// Number of models that are queried at the same time.
const SHOWN_AT_ONCE: usize = 4;

/// An Ollama server. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Ollama {
    /// The root of its API, such as `http://localhost:11434/api`.
    root: Url,
    transport: Transport,
    learned: Arc<Learned>,
}

impl Ollama {
    /// A server at `base_url`, reached through `http`. The address may end with the host, `/api`, `/api/chat`, or the
    /// `/v1` of the OpenAI-compatible API. A server needs a key only behind a proxy; a blank key counts as none.
    pub fn new(
        base_url: &str,
        api_key: Option<&SecretString>,
        http: http::Client,
    ) -> Result<Self, EndpointError> {
        let key = Key::bearer(api_key)?;
        Ok(Self {
            root: root(base_url)?,
            transport: Transport::new(http, key, &[]),
            learned: Arc::new(Learned::new(&refused_features::OLLAMA)),
        })
    }

    async fn ask_once(&self, request: &Request, without: Without) -> Result<EventStream, Error> {
        let url = address::below(&self.root, "/chat");
        let body = request::body(request, without);
        self.transport.ask(&url, &body, request.stream, Decoder::of_model(&request.model)).await
    }

    /// The models that chat. Each is queried for its abilities, and is listed even if that fails.
    async fn list(&self) -> Result<Vec<Listed>, Error> {
        let tags: Tags = self.transport.fetch(&address::below(&self.root, "/tags")).await?;
        let url = address::below(&self.root, "/show");
        let models = stream::iter(tags.names()).map(|name| {
            let url = &url;
            async move {
                let shown = self.transport.fetch_by_post::<Shown>(url, &json!({ "model": name })).await;
                shown.unwrap_or_default().listed(name)
            }
        });
        Ok(models.buffered(SHOWN_AT_ONCE).filter_map(std::future::ready).collect().await)
    }
}

impl Provider for Ollama {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let provider = self.clone();
        async move { provider.learned.ask(&request, |without| provider.ask_once(&request, without)).await }
            .boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let provider = self.clone();
        async move { provider.list().await }.boxed()
    }
}

fn root(base_url: &str) -> Result<Url, EndpointError> {
    let host = address::root(base_url, "", &["/api/chat", "/api", "/v1/chat/completions", "/v1"])?;
    Ok(address::below(&host, "/api"))
}

/// Decodes the body of a response with status 200, in chunks of any size. An error's detail is the server's full
/// message; [`Ollama`] shortens it and removes keys.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn common_spellings_of_a_base_url_are_accepted() {
        for (written, expected) in [
            ("http://localhost:11434", "http://localhost:11434/api"),
            ("http://localhost:11434/", "http://localhost:11434/api"),
            ("http://localhost:11434/v1", "http://localhost:11434/api"),
            ("http://localhost:11434/api/chat", "http://localhost:11434/api"),
            ("https://h/ollama/api/", "https://h/ollama/api"),
        ] {
            assert_eq!(root(written).unwrap().as_str(), expected, "for {written:?}");
        }
    }
}
