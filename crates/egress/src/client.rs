//! Sends requests to permitted addresses.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy as Redirects,
};
use tokio::time::timeout;
use url::{Host, Url};

use crate::{
    Error, Lookup, Origin, Proxies, Response, SystemLookup, UrlError, Wait, check_public,
    dns::{self, Resolver},
};

/// Default maximum bytes of a body: half a gibibyte, more than the longest reply with its framing.
const BODY_MAX: u64 = 512 * 1024 * 1024;

/// Timeouts and proxies.
#[derive(Clone)]
pub struct Options {
    /// For a connection, including name lookup and TLS.
    pub connect_timeout: Duration,
    /// Between two chunks of a body.
    pub idle_timeout: Duration,
    /// Maximum bytes of a body, counted after decompression.
    pub body_max: u64,
    /// Ports besides 80 and 443 that may be reached on the public internet.
    pub ports: Vec<u16>,
    /// The proxies to use.
    pub proxies: Proxies,
    /// Resolves names.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(2),
            body_max: BODY_MAX,
            ports: Vec::new(),
            proxies: Proxies::default(),
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// The addresses that a client may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    /// The public internet only.
    Public,
    /// One origin that an administrator configured, wherever it is.
    Configured(Origin),
}

/// Sends requests to permitted addresses. Cheap to clone; clones and clients made by [`Client::at`] share
/// connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    reach: Reach,
}

struct Shared {
    options: Options,
    /// Resolves names to public addresses only.
    public: OnceLock<reqwest::Client>,
    /// Resolves names to any address; used for configured origins only.
    configured: OnceLock<reqwest::Client>,
}

/// A request for [`Client::send`].
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// A header with an invalid value.
    invalid: Option<HeaderName>,
}

impl Request {
    fn new(method: Method, url: Url, encodings: &'static str) -> Self {
        let mut headers = HeaderMap::new();
        // Without this header a server may choose any compression.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encodings));
        Self { method, url, headers, body: None, invalid: None }
    }

    /// Adds a header. An invalid value makes [`Client::send`] fail.
    pub fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        match value.try_into() {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => self.invalid = Some(name),
        }
        self
    }

    /// Adds headers.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl Client {
    /// Creates a client that reaches the public internet only.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be read.
    pub fn new(options: Options) -> Result<Self, Error> {
        let shared = Shared { options, public: OnceLock::new(), configured: OnceLock::new() };
        let client = Self { shared: Arc::new(shared), reach: Reach::Public };
        // Created eagerly, so that missing certificates are found at start-up and not by a user.
        client.shared.client(false)?;
        Ok(client)
    }

    /// Creates a client that reaches this origin only, wherever it is. An administrator must have configured the
    /// origin; it must never come from a user or a model.
    pub fn at(&self, origin: Origin) -> Self {
        Self { shared: Arc::clone(&self.shared), reach: Reach::Configured(origin) }
    }

    /// A `GET` request. The response may be compressed.
    pub fn get(&self, url: Url) -> Request {
        Request::new(Method::GET, url, "gzip")
    }

    /// A `POST` request. The response must not be compressed, because a compressor would delay a stream.
    pub fn post(&self, url: Url) -> Request {
        Request::new(Method::POST, url, "identity")
    }

    /// Sends a request and waits at most `limit` for the response headers. Redirects are returned, not followed.
    ///
    /// # Errors
    ///
    /// Before anything is sent, if this client may not reach the address; after that, if there is no response.
    pub async fn send(&self, request: Request, limit: Duration) -> Result<Response, Error> {
        if let Some(name) = request.invalid {
            return Err(Error::Request(format!("the value of `{name}` is not one that a header can have")));
        }
        self.check(&request.url).await?;
        let options = &self.shared.options;
        let client = self.shared.client(self.reach == Reach::Public)?;
        let mut builder = client.request(request.method, request.url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        match timeout(limit, builder.send()).await {
            Ok(Ok(response)) => Ok(Response::new(response, options.idle_timeout, options.body_max)),
            Ok(Err(error)) => Err(Error::from_reqwest(&error, options.connect_timeout)),
            Err(_) => Err(Error::Timeout { wait: Wait::Headers, limit }),
        }
    }

    /// Checks that this client may reach the address.
    async fn check(&self, url: &Url) -> Result<(), Error> {
        let options = &self.shared.options;
        match &self.reach {
            Reach::Configured(origin) if origin.is_of(url) => Ok(Origin::of(url).map(drop)?),
            Reach::Configured(_) => Err(Error::OtherOrigin),
            Reach::Public => {
                check_public(url, &options.ports)?;
                match url.host() {
                    // The connector does not resolve a name that a proxy resolves.
                    Some(Host::Domain(name)) if options.proxies.any() => {
                        dns::public_addresses(&*options.lookup, name).await.map(drop)
                    }
                    Some(_) => Ok(()),
                    None => Err(UrlError::Host.into()),
                }
            }
        }
    }
}

impl Shared {
    fn client(&self, only_public: bool) -> Result<reqwest::Client, Error> {
        let slot = if only_public { &self.public } else { &self.configured };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client = build(&self.options, only_public).map_err(|error| Error::Setup(error.to_string()))?;
        // Concurrent callers may create two clients; all use the first one.
        Ok(slot.get_or_init(|| client).clone())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the owner of HTTP clients")]
fn build(options: &Options, only_public: bool) -> reqwest::Result<reqwest::Client> {
    let resolver =
        Resolver { lookup: Arc::clone(&options.lookup), only_public, proxies: options.proxies.hosts() };
    let builder = reqwest::Client::builder()
        .user_agent(concat!("kaiwa/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .redirect(Redirects::none())
        .referer(false)
        .dns_resolver(resolver)
        .tcp_nodelay(true)
        // Both detect a peer that has vanished, even while a model thinks.
        .tcp_keepalive(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(20));
    options.proxies.apply(builder)?.build()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("reach", &self.reach).finish_non_exhaustive()
    }
}
