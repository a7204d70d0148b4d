//! OpenAI's chat completions, as OpenAI and everyone who imitates it speaks them.
//!
//! `request`, `decode` and `models` are pure translation, and this file sends.

mod chunk;
mod decode;
mod endpoint;
mod models;
mod request;
mod tool_calls;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};

pub use endpoint::{Endpoint, chat_url};

pub use crate::address::EndpointError;
use crate::{
    Error, EventStream, Provider, Request, abilities::Listed, address, http, transport::Transport, wire,
};

/// A provider that speaks OpenAI's chat completions.
#[derive(Clone, Debug)]
pub struct OpenAi {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    transport: Transport,
}

impl OpenAi {
    /// A provider at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        let transport = Transport::new(http, endpoint.key(), &[]);
        Self { inner: Arc::new(Inner { endpoint, transport }) }
    }

    /// Where it is and what it is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }
}

impl Provider for OpenAi {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.ask(&request).await }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let inner = Arc::clone(&self.inner);
        async move {
            let mut root = inner.endpoint.url.clone();
            root.set_path(
                root.path().strip_suffix(endpoint::CHAT).unwrap_or(root.path()).to_owned().as_str(),
            );
            Ok(models::listed(inner.transport.fetch(&address::below(&root, "/models")).await?))
        }
        .boxed()
    }
}

impl Inner {
    /// Asks, and once more without the option that some hosts refuse.
    async fn ask(&self, request: &Request) -> Result<EventStream, Error> {
        match self.ask_once(request, true).await {
            Err(error) if request.stream && refuses_usage(&error) => self.ask_once(request, false).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, request: &Request, ask_usage: bool) -> Result<EventStream, Error> {
        let body = request::body(request, ask_usage);
        self.transport.ask(&self.endpoint.url, &body, request.stream, Decoder::default()).await
    }
}

fn refuses_usage(error: &Error) -> bool {
    matches!(error.status, Some(400 | 422))
        && (error.detail.contains("stream_options") || error.detail.contains("include_usage"))
}

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// provider wrote, in full; [`OpenAi`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    wire::events(body, Decoder::default())
}
