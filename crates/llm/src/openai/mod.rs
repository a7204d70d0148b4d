//! OpenAI's chat completions, as OpenAI and everyone who imitates it speaks them.
//!
//! `request` and `decode` are pure translation, `reply` joins a body to the decoder, `error` knows every shape of
//! refusal, and this file sends.

mod chunk;
mod decode;
mod endpoint;
mod error;
mod models;
mod reply;
mod request;
mod think;
mod tool_calls;

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use kaiwa_egress::{
    Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

pub use endpoint::{Endpoint, EndpointError, chat_url};
pub use reply::events;

use crate::{Error, ErrorKind, EventStream, Provider, Request, abilities::Listed, http};

/// A provider that speaks OpenAI's chat completions.
#[derive(Clone, Debug)]
pub struct OpenAi {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    authorization: Option<HeaderValue>,
    http: http::Client,
}

impl OpenAi {
    /// A provider at `endpoint`, reached through `http`.
    pub fn new(endpoint: Endpoint, http: http::Client) -> Self {
        let authorization = endpoint.authorization();
        Self { inner: Arc::new(Inner { endpoint, authorization, http }) }
    }

    /// Where it is and what it is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }
}

impl Provider for OpenAi {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let inner = Arc::clone(&self.inner);
        async move {
            match inner.ask(&request).await {
                Ok(response) => Ok(inner.read(response)),
                Err(error) => Err(inner.present(error)),
            }
        }
        .boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let inner = Arc::clone(&self.inner);
        async move { models::list(&inner).await.map_err(|error| inner.present(error)) }.boxed()
    }
}

impl Inner {
    /// Asks, and once more without the option that some hosts refuse.
    async fn ask(&self, request: &Request) -> Result<Response, Error> {
        match self.ask_once(request, true).await {
            Err(error) if request.stream && refuses_usage(&error) => self.ask_once(request, false).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, request: &Request, ask_usage: bool) -> Result<Response, Error> {
        let body = serde_json::to_vec(&request::body(request, ask_usage))
            .map_err(|error| Error::new(ErrorKind::InvalidRequest, error.to_string()))?;
        let accept = if request.stream { "text/event-stream, application/json" } else { "application/json" };
        let mut post = self
            .http
            .post(self.endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, accept)
            .body(body);
        if let Some(authorization) = &self.authorization {
            post = post.header(AUTHORIZATION, authorization.clone());
        }
        let response = self.http.send(post, request.stream).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Err(error::refused(status, &headers, &http::error_body(response).await))
    }

    fn read(self: Arc<Self>, response: Response) -> EventStream {
        let events = reply::events(self.http.body(response));
        Box::pin(events.map(move |event| event.map_err(|error| self.present(error))))
    }

    fn present(&self, error: Error) -> Error {
        error::presentable(error, self.endpoint.api_key.as_ref())
    }
}

fn refuses_usage(error: &Error) -> bool {
    matches!(error.status, Some(400 | 422))
        && (error.detail.contains("stream_options") || error.detail.contains("include_usage"))
}
