//! How adapters reach their providers: `kaiwa_egress`, with its failures in this crate's words.
//!
//! An adapter gets a [`Client`] that is bound to its provider's address by [`Client::at`]. Whatever URL the adapter makes,
//! its key goes nowhere else.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use kaiwa_egress::{Origin, Proxies};
use url::Url;

pub use kaiwa_egress::{Request, Response};

use crate::{Error, ErrorKind};

/// Most bytes of an error's body that are read: 64 KiB.
pub const ERROR_BODY_MAX: usize = 64 * 1024;

/// How long an error's body may take, however slowly it comes.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for what, and the way out.
#[derive(Clone, Debug)]
pub struct Options {
    /// For a connection, name look-up and TLS included.
    pub connect_timeout: Duration,
    /// From the request to the response's headers, where the reply is streamed.
    pub first_byte_timeout: Duration,
    /// Between two pieces of a body.
    pub idle_timeout: Duration,
    /// From the request to the response's headers, where the whole reply comes at once and so only when it is done.
    pub whole_reply_timeout: Duration,
    /// The proxies to go through; none by default.
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

/// A client with its timeouts. Clones, and clients for several addresses made from one, share one pool of connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: kaiwa_egress::Client,
    first_byte_timeout: Duration,
    whole_reply_timeout: Duration,
}

/// Makes a client that reaches public addresses only; [`Client::at`] makes one for a configured provider.
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
    /// A client for the provider at this address, which an administrator configured and which may be inside the network.
    /// It reaches the address's origin and nothing else.
    ///
    /// # Errors
    ///
    /// If no request can be sent there.
    pub fn at(&self, url: &Url) -> Result<Self, Error> {
        let origin = Origin::of(url).map_err(kaiwa_egress::Error::from)?;
        Ok(Self { inner: self.inner.at(origin), ..self.clone() })
    }

    /// A request by `GET`.
    pub(crate) fn get(&self, url: Url) -> Request {
        self.inner.get(url)
    }

    /// A request by `POST`.
    pub(crate) fn post(&self, url: Url) -> Request {
        self.inner.post(url)
    }

    /// Sends a request and waits for the response's headers.
    pub(crate) async fn send(&self, request: Request, streamed: bool) -> Result<Response, Error> {
        let limit = if streamed { self.first_byte_timeout } else { self.whole_reply_timeout };
        Ok(self.inner.send(request, limit).await?)
    }

    /// The body as it comes. Fails when nothing comes for too long.
    #[expect(clippy::unused_self, reason = "an adapter asks its client for everything that travels")]
    pub(crate) fn body(&self, response: Response) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        response.into_body().map(|piece| piece.map_err(Error::from))
    }
}

/// As much of an error's body as comes in time and fits.
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
