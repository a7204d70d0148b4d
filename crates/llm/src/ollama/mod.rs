//! Ollama's own chat, which says more than its imitation of OpenAI's: how large a window it opens, and why it stopped.
//!
//! `request`, `window`, `decode` and `models` are pure translation, and this file sends. The protocol has nothing that a
//! neutral piece could lack, so there are no native pieces.

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
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http,
    transport::Transport,
};

/// How many models are asked about at the same time.
const SHOWN_AT_ONCE: usize = 4;

/// Where an Ollama server is, and which key opens it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the operator calls it.
    pub name: String,
    /// The root of its API, as `http://localhost:11434/api`.
    pub url: Url,
    /// The key, if it needs one: a server of one's own does not, unless there is a proxy before it.
    pub api_key: Option<SecretString>,
}

impl Endpoint {
    /// An endpoint at `base_url`, which may end at the host, at `/api`, at `/api/chat`, or at the `/v1` of the other
    /// protocol that the same server speaks. A blank key is none.
    pub fn new(
        name: impl Into<String>,
        base_url: &str,
        api_key: Option<SecretString>,
    ) -> Result<Self, EndpointError> {
        let api_key = api_key.filter(|key| !key.expose_secret().trim().is_empty());
        Key::bearer(api_key.as_ref())?;
        let root = address::root(base_url, "", &["/api/chat", "/api", "/v1/chat/completions", "/v1"])?;
        Ok(Self { name: name.into(), url: address::below(&root, "/api"), api_key })
    }
}

/// An Ollama server.
#[derive(Clone, Debug)]
pub struct Ollama {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    transport: Transport,
}

impl Ollama {
    /// A server at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        // What `Endpoint::new` has accepted is accepted again.
        let key = Key::bearer(endpoint.api_key.as_ref()).ok().flatten();
        Self { inner: Arc::new(Inner { transport: Transport::new(http, key, &[]), endpoint }) }
    }

    /// Where it is and what it is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }
}

impl Provider for Ollama {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.ask(&request).await }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.models().await }.boxed()
    }
}

impl Inner {
    /// Asks, and once more without a word about thinking if the model does not think.
    async fn ask(&self, request: &Request) -> Result<EventStream, Error> {
        match self.ask_once(request, true).await {
            Err(error) if refuses_thinking(&error) => self.ask_once(request, false).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, request: &Request, think: bool) -> Result<EventStream, Error> {
        let url = address::below(&self.endpoint.url, "/chat");
        let body = request::body(request, think);
        self.transport.ask(&url, &body, request.stream, Decoder::default()).await
    }

    /// The models that chat. What a model can is asked for each, and one that is not shown is offered all the same.
    async fn models(&self) -> Result<Vec<Listed>, Error> {
        let tags: Tags = self.transport.fetch(&address::below(&self.endpoint.url, "/tags")).await?;
        let url = address::below(&self.endpoint.url, "/show");
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

fn refuses_thinking(error: &Error) -> bool {
    error.status == Some(400) && error.detail.to_lowercase().contains("think")
}

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// server wrote, in full; [`Ollama`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_be_written_in_every_usual_way() {
        for (written, root) in [
            ("http://localhost:11434", "http://localhost:11434/api"),
            ("http://localhost:11434/", "http://localhost:11434/api"),
            ("http://localhost:11434/v1", "http://localhost:11434/api"),
            ("http://localhost:11434/api/chat", "http://localhost:11434/api"),
            ("https://h/ollama/api/", "https://h/ollama/api"),
        ] {
            assert_eq!(Endpoint::new("o", written, None).unwrap().url.as_str(), root, "for {written:?}");
        }
    }
}
