//! OpenAI's responses, the successor of chat completions.
//!
//! `request`, `decode` and `item` are pure translation, and this file sends. Nothing is stored at the provider: each
//! request holds the whole conversation, with the encrypted reasoning that the provider gave out.
//!
//! Native pieces hold an output `item`: reasoning without the words that were told before it, and whole what has no
//! neutral form or ran at the provider. A piece with `message` holds what a text lacks.

mod decode;
mod item;
mod reasoning;
mod request;
mod without;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use without::Without;

use crate::{
    EndpointError, Error, EventStream, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http,
    openai::{models, service::Service},
    transport::Transport,
    wire,
};

/// What marks this protocol's native pieces.
const PROTOCOL: &str = "responses";

/// How the addresses of the two interfaces end.
const ENDINGS: [&str; 2] = ["/responses", "/chat/completions"];

/// Where a provider that speaks OpenAI's responses is, and which key opens it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the operator calls it.
    pub name: String,
    /// The root of its API, as `https://api.openai.com/v1`.
    pub url: Url,
    /// The key, if it needs one.
    pub api_key: Option<SecretString>,
    service: Service,
}

impl Endpoint {
    /// An endpoint at `base_url`, which may end at the host, at a version such as `/v1`, or at `/responses`. A blank key
    /// is none.
    pub fn new(
        name: impl Into<String>,
        base_url: &str,
        api_key: Option<SecretString>,
    ) -> Result<Self, EndpointError> {
        let api_key = api_key.filter(|key| !key.expose_secret().trim().is_empty());
        Key::bearer(api_key.as_ref())?;
        let mut url = address::root(base_url, "/v1", &ENDINGS)?;
        let service = Service::of(&url, api_key.as_ref());
        if service == Service::Azure && matches!(url.path(), "/v1" | "/openai/v1") {
            url.set_path("/openai/v1");
        }
        Ok(Self { name: name.into(), url, api_key, service })
    }

    fn key(&self) -> Option<Key> {
        // What `new` has accepted is accepted again.
        let key = match self.service {
            Service::Azure => Key::header(self.api_key.as_ref(), "api-key"),
            _ => Key::bearer(self.api_key.as_ref()),
        };
        key.ok().flatten()
    }
}

/// A provider that speaks OpenAI's responses.
#[derive(Clone, Debug)]
pub struct Responses {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    transport: Transport,
    /// The model that was asked last for which something had to be left out, and what.
    learned: Mutex<Option<(String, Without)>>,
}

impl Responses {
    /// A provider at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        let transport = Transport::new(http, endpoint.key(), &[]);
        Self { inner: Arc::new(Inner { endpoint, transport, learned: Mutex::default() }) }
    }

    /// Where it is and what it is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }
}

impl Provider for Responses {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { inner.ask(&request).await }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let inner = Arc::clone(&self.inner);
        async move {
            let list = inner.transport.fetch(&address::below(&inner.endpoint.url, "/models")).await?;
            Ok(models::listed(list, models::Speaks::Responses))
        }
        .boxed()
    }
}

impl Inner {
    /// Asks, and again without what the model refuses.
    async fn ask(&self, request: &Request) -> Result<EventStream, Error> {
        let url = address::below(&self.endpoint.url, "/responses");
        let known = self.known(&request.model);
        let mut without = known;
        loop {
            let body = request::body(request, without);
            let streamed = request.stream && !without.streaming;
            match self.transport.ask(&url, &body, streamed, Decoder::default()).await {
                Ok(events) => {
                    if without != known {
                        *self.learned.lock().unwrap_or_else(PoisonError::into_inner) =
                            Some((request.model.clone(), without));
                    }
                    return Ok(events);
                }
                Err(error) => without = without.after(&error, request).ok_or(error)?,
            }
        }
    }

    fn known(&self, model: &str) -> Without {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.as_ref().filter(|(of, _)| of == model).map(|(_, without)| *without).unwrap_or_default()
    }
}

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// provider wrote, in full; [`Responses`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(wire::events(Box::pin(body), Decoder::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_be_written_in_every_usual_way() {
        for (written, root) in [
            ("https://api.openai.com", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/responses", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
            ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1"),
            ("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1"),
        ] {
            assert_eq!(Endpoint::new("x", written, None).unwrap().url.as_str(), root, "for {written}");
        }
    }

    #[test]
    fn azure_gets_its_key_in_a_header_of_its_own() {
        let header = |url| Endpoint::new("x", url, Some("k".into())).unwrap().key().unwrap().as_header().0;
        assert_eq!(header("https://x.openai.azure.com"), "api-key");
        assert_eq!(header("https://api.openai.com"), "authorization");
    }
}
