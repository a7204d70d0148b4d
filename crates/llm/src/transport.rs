//! Sends an adapter's JSON and reads the response: HTTP that does not depend on the protocol.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use kaiwa_egress::{
    Request, Response,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    Error, ErrorKind, EventStream,
    address::Key,
    http,
    wire::{self, Decode, Framing, refusal},
};

/// Maximum bytes of a list of models; the longest known, OpenRouter's, has half a megabyte.
const LIST_MAX: usize = 4 * 1024 * 1024;

/// A provider's connection: its client, its key and the headers of all its requests. Clones share it.
///
/// Every error that it returns can be shown: it is short and contains no key.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: http::Client,
    key: Option<Key>,
    headers: HeaderMap,
}

impl Transport {
    /// A connection that adds these headers and the key's header to each request.
    pub(crate) fn new(
        http: http::Client,
        key: Option<Key>,
        headers: &[(&'static str, &'static str)],
    ) -> Self {
        let mut all: HeaderMap = headers
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        all.extend(key.as_ref().map(Key::as_header));
        Self { inner: Arc::new(Inner { http, key, headers: all }) }
    }

    /// Sends a `POST` request and decodes the reply with `decoder`. Resolves when the response headers arrive;
    /// `streamed` selects the time limit until then.
    pub(crate) async fn ask<D: Decode>(
        &self,
        url: &Url,
        body: &impl Serialize,
        streamed: bool,
        decoder: D,
    ) -> Result<EventStream, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::new(ErrorKind::InvalidRequest, error.to_string()))?;
        let accept = match D::FRAMING {
            Framing::Sse if streamed => "text/event-stream, application/json",
            Framing::Lines if streamed => "application/x-ndjson, application/json",
            _ => "application/json",
        };
        let post = self.inner.http.post(url.clone());
        let post = post.header(CONTENT_TYPE, "application/json").header(ACCEPT, accept).body(body);
        let response = self.send(post, streamed).await.map_err(|error| self.present(error))?;
        let events = wire::events(self.inner.http.body(response), decoder);
        let transport = self.clone();
        Ok(Box::pin(events.map(move |event| event.map_err(|error| transport.present(error)))))
    }

    /// Sends a `GET` request for JSON, such as a list of models.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Error> {
        self.fetch_json(self.inner.http.get(url.clone())).await.map_err(|error| self.present(error))
    }

    /// Sends a `POST` request for JSON, such as a model's abilities.
    pub(crate) async fn fetch_by_post<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &Value,
    ) -> Result<T, Error> {
        let post = self.inner.http.post(url.clone()).header(CONTENT_TYPE, "application/json");
        self.fetch_json(post.body(body.to_string())).await.map_err(|error| self.present(error))
    }

    #[tracing::instrument(name = "llm.fetch", skip_all)]
    async fn fetch_json<T: DeserializeOwned>(&self, request: Request) -> Result<T, Error> {
        let response = self.send(request.header(ACCEPT, "application/json"), true).await?;
        let mut body = Vec::new();
        let mut chunks = Box::pin(self.inner.http.body(response));
        while let Some(chunk) = chunks.try_next().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LIST_MAX {
                return Err(Error::new(ErrorKind::Protocol, "the list of models is too long"));
            }
        }
        serde_json::from_slice(&body).map_err(|error| {
            Error::new(ErrorKind::Protocol, format!("the list of models is not one: {error}"))
        })
    }

    async fn send(&self, request: Request, streamed: bool) -> Result<Response, Error> {
        let request = request.headers(self.inner.headers.clone());
        let response = self.inner.http.send(request, streamed).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Err(refusal::refused(status, &headers, &http::error_body(response).await))
    }

    fn present(&self, error: Error) -> Error {
        refusal::presentable(error, self.inner.key.as_ref().map(Key::secret))
    }
}
