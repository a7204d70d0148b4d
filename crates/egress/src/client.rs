//! Sends requests to where they may go.

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

/// Most bytes of any body where the caller names no cap: half a gibibyte, more than the longest reply with its framing.
const BODY_MAX: u64 = 512 * 1024 * 1024;

/// How long to wait for what, and the way out.
#[derive(Clone)]
pub struct Options {
    /// For a connection, name look-up and TLS included.
    pub connect_timeout: Duration,
    /// Between two pieces of a body.
    pub idle_timeout: Duration,
    /// Most bytes of a body, counted after decompression.
    pub body_max: u64,
    /// Ports beside 80 and 443 that may be reached on the public internet.
    pub ports: Vec<u16>,
    /// The proxies to go through.
    pub proxies: Proxies,
    /// Looks names up.
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

/// Where a client may go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    /// Anywhere on the public internet, and nowhere else.
    Public,
    /// To one origin that an administrator configured, wherever that is.
    Configured(Origin),
}

/// Sends requests to where they may go. Cheap to clone; clones, and all clients made from one, share their connections.
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

/// A request on its way to [`Client::send`], the only thing that can send it.
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// A header whose value no header can have.
    invalid: Option<HeaderName>,
}

impl Request {
    fn new(method: Method, url: Url, encodings: &'static str) -> Self {
        let mut headers = HeaderMap::new();
        // Without this header a server may compress as it likes.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encodings));
        Self { method, url, headers, body: None, invalid: None }
    }

    /// The same request with a header. A value that no header can have makes [`Client::send`] fail.
    pub fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        match value.try_into() {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => self.invalid = Some(name),
        }
        self
    }

    /// The same request with further headers.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same request with a body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl Client {
    /// A client that reaches the public internet and nothing else.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be read.
    pub fn new(options: Options) -> Result<Self, Error> {
        let shared = Shared { options, public: OnceLock::new(), configured: OnceLock::new() };
        let client = Self { shared: Arc::new(shared), reach: Reach::Public };
        // Made at once, so that a machine without certificates is found at the start and not by a user.
        client.shared.client(false)?;
        Ok(client)
    }

    /// A client that reaches this origin, wherever it is, and nothing else. The origin must be one that an administrator
    /// configured, never one that a user or a model named.
    pub fn at(&self, origin: Origin) -> Self {
        Self { shared: Arc::clone(&self.shared), reach: Reach::Configured(origin) }
    }

    /// A request by `GET`. Its answer may be compressed.
    pub fn get(&self, url: Url) -> Request {
        Request::new(Method::GET, url, "gzip")
    }

    /// A request by `POST`. Its answer is asked for uncompressed: a stream must not wait in a compressor.
    pub fn post(&self, url: Url) -> Request {
        Request::new(Method::POST, url, "identity")
    }

    /// Sends a request and waits, at most `limit`, for the response's headers. A redirect is a response like any other.
    ///
    /// # Errors
    ///
    /// Before anything is sent if this client may not go there; after that if nobody answers.
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

    /// Whether this client may go there, right before it does.
    async fn check(&self, url: &Url) -> Result<(), Error> {
        let options = &self.shared.options;
        match &self.reach {
            Reach::Configured(origin) if origin.is_of(url) => Ok(Origin::of(url).map(drop)?),
            Reach::Configured(_) => Err(Error::OtherOrigin),
            Reach::Public => {
                check_public(url, &options.ports)?;
                match url.host() {
                    // The connector will not ask the resolver about a name that a proxy is to look up.
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
        // Two at the same time make two, and both get the one that was first.
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
        // Both find out that the other side has vanished without a word, even while a model thinks.
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
