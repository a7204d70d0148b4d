//! OpenAI's chat completions, as OpenAI and compatible services implement them.
//!
//! `request`, `decode` and `models` are pure translation, `dialect` and `family` know the differences between
//! services and between models, and this file sends.
//!
//! Provider blocks are parts of OpenRouter's `reasoning_details`, Google's `extra_content` of a call, and images.

mod azure;
mod call_id;
mod chunk;
mod decode;
mod details;
pub(crate) mod dialect;
mod effort;
mod endpoint;
pub(crate) mod family;
mod fastgpt;
pub(crate) mod models;
mod quick;
mod request;
pub(crate) mod sources;
mod tool_calls;
pub(crate) mod usage;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};

pub use dialect::Dialect;
pub use endpoint::{Endpoint, chat_url};

pub use crate::address::EndpointError;
use crate::{
    Error, EventStream, Provider, Request,
    abilities::Listed,
    http,
    refused_features::{self, Learned, Without},
    transport::Transport,
    wire,
};

/// The name that marks this protocol's provider blocks.
const PROTOCOL: &str = "openai";

/// A provider that speaks OpenAI's chat completions.
#[derive(Clone, Debug)]
pub struct OpenAi {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    transport: Transport,
    learned: Learned,
}

impl OpenAi {
    /// A provider at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        let transport = Transport::new(http, endpoint.key(), &[]);
        Self {
            inner: Arc::new(Inner { endpoint, transport, learned: Learned::new(&refused_features::OPENAI) }),
        }
    }
}

impl Provider for OpenAi {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.learned.ask(&request, |without| inner.ask_once(&request, without)).await }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.models().await }.boxed()
    }

    fn reads_pdf(&self, _model: &str) -> bool {
        self.inner.endpoint.reads_pdf()
    }
}

impl Inner {
    async fn ask_once(&self, request: &Request, without: Without) -> Result<EventStream, Error> {
        let url = self.endpoint.chat_url(&request.model);
        let body = request::body(request, self.endpoint.dialect(), without);
        self.transport
            .ask(&url, &body, without.streams(request.stream), Decoder::of_model(&request.model))
            .await
    }

    async fn models(&self) -> Result<Vec<Listed>, Error> {
        match self.endpoint.only_model() {
            Some(id) => {
                let name = self.endpoint.name.clone();
                Ok(vec![Listed { id: id.to_owned(), name, ..Listed::default() }])
            }
            None => Ok(models::listed(
                self.transport.fetch(&self.endpoint.models_url()).await?,
                models::Speaks::Chat,
            )),
        }
    }
}

/// Decodes the body of a response with status 200, in chunks of any size. An error's detail is the provider's full
/// message; [`OpenAi`] shortens it and removes keys.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(wire::events(Box::pin(body), Decoder::default()))
}
