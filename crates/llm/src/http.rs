//! How adapters reach their providers: wraps `kaiwa_egress` and maps its errors.
//!
//! Each adapter gets a [`Client`] that [`Client::at`] binds to its provider's origin, so its key cannot go anywhere
//! else.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use kaiwa_egress::{Origin, Proxies};
use url::Url;

pub use kaiwa_egress::{Request, Response};

use crate::{Error, ErrorKind};

/// Maximum bytes of an error's body that are read: 64 KiB.
pub const ERROR_BODY_MAX: usize = 64 * 1024;

/// Time limit for reading an error's body.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeouts and proxies.
#[derive(Clone, Debug)]
pub struct Options {
    /// For a connection, including name lookup and TLS.
    pub connect_timeout: Duration,
    /// From the request to the response headers of a streamed reply.
    pub first_byte_timeout: Duration,
    /// Between two chunks of a body.
    pub idle_timeout: Duration,
    /// From the request to the response headers of a reply that is not streamed, which come when it is complete.
    pub whole_reply_timeout: Duration,
    /// The proxies to use; none by default.
    pub proxies: Proxies,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(2),
            whole_reply_timeout: Duration::from_mins(10),
            proxies: Proxies::default(),
        }
    }
}

/// A client with its timeouts. Clones and the clients made by [`Client::at`] share one connection pool.
#[derive(Clone, Debug)]
pub struct Client {
    inner: kaiwa_egress::Client,
    first_byte_timeout: Duration,
    whole_reply_timeout: Duration,
}

/// Creates a client that reaches public addresses only; [`Client::at`] creates one for a configured provider.
///
/// # Errors
///
/// If the system's certificates cannot be read.
pub fn client(options: Options) -> Result<Client, Error> {
    let egress = kaiwa_egress::Options {
        connect_timeout: options.connect_timeout,
        idle_timeout: options.idle_timeout,
        proxies: options.proxies,
        ..kaiwa_egress::Options::default()
    };
    Ok(Client {
        inner: kaiwa_egress::Client::new(egress)?,
        first_byte_timeout: options.first_byte_timeout,
        whole_reply_timeout: options.whole_reply_timeout,
    })
}

impl Client {
    /// A client for the provider at this address, which an administrator configured and which may be on the local
    /// network. It reaches that origin only.
    ///
    /// # Errors
    ///
    /// If no request can be sent there.
    pub fn at(&self, url: &Url) -> Result<Self, Error> {
        let origin = Origin::of(url).map_err(kaiwa_egress::Error::from)?;
        Ok(Self { inner: self.inner.at(origin), ..self.clone() })
    }

    /// A `GET` request.
    pub(crate) fn get(&self, url: Url) -> Request {
        self.inner.get(url)
    }

    /// A `POST` request.
    pub(crate) fn post(&self, url: Url) -> Request {
        self.inner.post(url)
    }

    /// Sends a request and waits for the response headers.
    pub(crate) async fn send(&self, request: Request, streamed: bool) -> Result<Response, Error> {
        let limit = if streamed { self.first_byte_timeout } else { self.whole_reply_timeout };
        Ok(self.inner.send(request, limit).await?)
    }

    /// The body as it arrives. Fails if nothing arrives for too long.
    #[expect(clippy::unused_self, reason = "an adapter asks its client for everything that travels")]
    pub(crate) fn body(&self, response: Response) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        response.into_body().map(|piece| piece.map_err(Error::from))
    }
}

/// The error's body, as far as it arrives in time and within the limit.
pub(crate) async fn error_body(response: Response) -> Vec<u8> {
    response.read_some(ERROR_BODY_MAX, ERROR_BODY_TIMEOUT).await
}

impl From<kaiwa_egress::Error> for Error {
    fn from(error: kaiwa_egress::Error) -> Self {
        use kaiwa_egress::Error as Egress;
        let kind = match &error {
            Egress::Timeout { .. } => ErrorKind::Timeout,
            Egress::TooLong(_) | Egress::Encoding(_) => ErrorKind::Protocol,
            Egress::Url(_) | Egress::OtherOrigin | Egress::Request(_) => ErrorKind::InvalidRequest,
            Egress::Unresolved(_)
            | Egress::Connect(_)
            | Egress::Tls(_)
            | Egress::Broken(_)
            | Egress::Setup(_) => ErrorKind::Network,
        };
        let retryable = error.is_retryable();
        Self { retryable, ..Self::new(kind, error.to_string()) }
    }
}
