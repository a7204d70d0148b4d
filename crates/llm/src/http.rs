//! The one owner of HTTP clients for calls to providers.
//!
//! A client follows no redirect, so that a key never reaches another host, sends no referrer, and goes through the
//! proxies that the environment names in the standard variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use reqwest::{RequestBuilder, Response, redirect::Policy};
use tokio::time::timeout;

use crate::{Error, ErrorKind};

/// Most bytes of an error's body that are read: 64 KiB.
pub const ERROR_BODY_MAX: usize = 64 * 1024;

/// How long an error's body may take, however slowly it comes.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for what, and whether to use the environment's proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// For a connection, name look-up and TLS included.
    pub connect_timeout: Duration,
    /// From the request to the response's headers, where the reply is streamed.
    pub first_byte_timeout: Duration,
    /// Between two pieces of a body.
    pub idle_timeout: Duration,
    /// From the request to the response's headers, where the whole reply comes at once and so only when it is done.
    pub whole_reply_timeout: Duration,
    /// Take proxies from the environment.
    pub system_proxies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(2),
            whole_reply_timeout: Duration::from_mins(10),
            system_proxies: true,
        }
    }
}

/// A client with its timeouts. Clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    options: Options,
}

/// Makes a client. One for all providers is enough.
///
/// # Errors
///
/// If the system's certificates cannot be read.
#[expect(clippy::disallowed_methods, reason = "this is the owner of HTTP clients")]
pub fn client(options: Options) -> Result<Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("kaiwa/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .redirect(Policy::none())
        .referer(false)
        // Finds out that the other side has vanished without a word, even while a model thinks.
        .tcp_keepalive(Duration::from_secs(30));
    if !options.system_proxies {
        builder = builder.no_proxy();
    }
    match builder.build() {
        Ok(inner) => Ok(Client { inner, options }),
        Err(error) => Err(Error::new(ErrorKind::Network, root_cause(&error))),
    }
}

impl Client {
    /// A request by `GET`.
    pub(crate) fn get(&self, url: url::Url) -> RequestBuilder {
        self.inner.get(url)
    }

    /// A request by `POST`.
    pub(crate) fn post(&self, url: url::Url) -> RequestBuilder {
        self.inner.post(url)
    }

    /// Sends a request and waits for the response's headers.
    pub(crate) async fn send(&self, request: RequestBuilder, streamed: bool) -> Result<Response, Error> {
        let limit = if streamed { self.options.first_byte_timeout } else { self.options.whole_reply_timeout };
        match timeout(limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(transport_error(&error)),
            Err(_) => Err(timed_out("the provider did not begin to answer within", limit)),
        }
    }

    /// The body as it comes. Fails when nothing comes for too long.
    pub(crate) fn body(&self, response: Response) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let limit = self.options.idle_timeout;
        stream::try_unfold(response, move |mut response| async move {
            match timeout(limit, response.chunk()).await {
                Ok(Ok(chunk)) => Ok(chunk.map(|chunk| (chunk, response))),
                Ok(Err(error)) => Err(transport_error(&error)),
                Err(_) => Err(timed_out("the provider said nothing for", limit)),
            }
        })
    }
}

/// As much of an error's body as comes in time and fits.
pub(crate) async fn error_body(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    let read = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            let room = ERROR_BODY_MAX - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() == ERROR_BODY_MAX {
                return;
            }
        }
    };
    // What has come by then is enough to say what went wrong.
    let _ = timeout(ERROR_BODY_TIMEOUT, read).await;
    body
}

fn timed_out(what: &str, limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("{what} {} ms", limit.as_millis()))
}

fn transport_error(error: &reqwest::Error) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Network };
    let what = if error.is_connect() { "could not connect" } else { "the connection broke" };
    Error::new(kind, format!("{what}: {}", root_cause(error)))
}

/// The innermost cause: the outer ones repeat the address, and an address may hold what should not be shown.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::addr_eq(cause, error) { "request failed".to_owned() } else { cause.to_string() }
}
