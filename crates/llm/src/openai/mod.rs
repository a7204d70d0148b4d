//! OpenAI's chat completions, as OpenAI and everyone who imitates it speaks them.
//!
//! `request`, `decode` and `models` are pure translation; `dialect` and `family` know who wants what differently; this
//! file sends.
//!
//! Native pieces are parts of OpenRouter's `reasoning_details`, what Google wants back beside a call (`extra_content`),
//! and images.

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
mod without;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use without::Without;

pub use dialect::Dialect;
pub use endpoint::{Endpoint, chat_url};

pub use crate::address::EndpointError;
use crate::{Error, EventStream, Provider, Request, abilities::Listed, http, transport::Transport, wire};

/// What marks this protocol's native pieces.
const PROTOCOL: &str = "openai";

/// Most models of which is remembered what they refuse.
const LEARNED_MAX: usize = 1000;

/// A provider that speaks OpenAI's chat completions.
#[derive(Clone, Debug)]
pub struct OpenAi {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    transport: Transport,
    /// What each model has refused, so that it is asked for only once.
    learned: Mutex<HashMap<String, Without>>,
}

impl OpenAi {
    /// A provider at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        let transport = Transport::new(http, endpoint.key(), &[]);
        Self { inner: Arc::new(Inner { endpoint, transport, learned: Mutex::default() }) }
    }
}

impl Provider for OpenAi {
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
    /// Asks, and again without what the host refuses.
    async fn ask(&self, request: &Request) -> Result<EventStream, Error> {
        let known = self.learned().get(&request.model).copied().unwrap_or_default();
        let mut without = known;
        loop {
            let url = self.endpoint.chat_url(&request.model);
            let body = request::body(request, self.endpoint.dialect(), without);
            let streamed = without.streams(request.stream);
            match self.transport.ask(&url, &body, streamed, Decoder::default()).await {
                Ok(events) => {
                    if without != known {
                        self.learn(&request.model, without);
                    }
                    return Ok(events);
                }
                Err(error) => without = without.after(&error, request).ok_or(error)?,
            }
        }
    }

    fn learned(&self) -> std::sync::MutexGuard<'_, HashMap<String, Without>> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, model: &str, without: Without) {
        let mut learned = self.learned();
        if learned.len() >= LEARNED_MAX {
            learned.clear();
        }
        learned.insert(model.to_owned(), without);
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

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// provider wrote, in full; [`OpenAi`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(wire::events(Box::pin(body), Decoder::default()))
}
