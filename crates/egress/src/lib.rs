//! Outgoing requests: the only crate that may build an HTTP client.
//!
//! A [`Client`] checks the address that it connects to, not only the name. There are two kinds. [`Client::new`]
//! creates one that reaches the public internet only: no loopback, private, link-local or metadata address, however
//! it is written or resolved, and only the usual ports. [`Client::at`] creates one that reaches exactly one origin,
//! which an administrator configured and which may be anywhere; it refuses every other origin, so a key cannot leak
//! to one.
//!
//! Both follow no redirects, keep no cookies, send no referrer, use the configured proxies only, time out on a silent
//! peer, and limit bodies, counted after decompression. With a proxy, addresses are still checked here, but the proxy
//! resolves names again, so it must itself block the private network.
//!
//! Methods without limits are not exposed. To reach a new kind of address, parse it with [`parse_url`] where it is
//! saved, and send through a `Client`.

mod address;
mod body;
mod client;
mod dns;
mod error;
mod headers;
mod inflate;
mod proxy;
mod target;

pub use address::is_global;
pub use body::{Body, Response};
pub use client::{Client, Options, Request};
pub use dns::{Lookup, SystemLookup};
pub use error::{Error, Wait};
pub use headers::{HeaderError, user_defined_headers};
pub use proxy::{Proxies, ProxyError};
pub use reqwest::{StatusCode, header};
pub use target::{Origin, UrlError, check_public, parse_url};
