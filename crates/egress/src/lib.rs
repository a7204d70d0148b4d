//! The one way out: the only crate that may build an HTTP client.
//!
//! A [`Client`] checks the address that it connects to, not the name that stands for it. There are two kinds. One made by
//! [`Client::new`] reaches the public internet and nothing else: no loopback, private, link-local or metadata address,
//! however it is written or whatever a name resolves to, and only the usual ports. One made from it by [`Client::at`]
//! reaches exactly one origin, which an administrator configured and which may therefore be anywhere; it refuses every
//! other origin, so a key that it carries cannot leave for one.
//!
//! Both follow no redirect, keep no cookie, send no referrer, use no proxy but the configured one, give up on a
//! silent peer, and end a body at its cap, counted after decompression. Where requests go through a proxy the
//! addresses are checked here all the same, but the proxy looks names up again, so it must itself keep the private
//! network out of reach.
//!
//! What a caller may not use (a response's own methods, which know no cap) is not handed out. To reach something new,
//! parse its address with [`parse_url`] where it is saved, and send through a `Client`.

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
