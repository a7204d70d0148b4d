//! Resolves names to addresses that clients may connect to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures_util::{FutureExt, future::BoxFuture};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Error, UrlError, is_global};

/// Resolves names. The system's resolver is [`SystemLookup`]; tests use their own.
pub trait Lookup: Send + Sync {
    /// Every address of a name.
    fn lookup(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let name = name.to_owned();
        async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        }
        .boxed()
    }
}

/// The addresses of a name, if all of them are public. A mix of public and private addresses is refused, because it
/// is used to bypass such checks.
pub(crate) async fn public_addresses(lookup: &dyn Lookup, name: &str) -> Result<Vec<IpAddr>, Error> {
    let addresses = any_addresses(lookup, name).await?;
    if addresses.iter().copied().all(is_global) { Ok(addresses) } else { Err(UrlError::NotPublic.into()) }
}

async fn any_addresses(lookup: &dyn Lookup, name: &str) -> Result<Vec<IpAddr>, Error> {
    match lookup.lookup(name).await {
        Ok(addresses) if addresses.is_empty() => Err(Error::Unresolved("it has no address".to_owned())),
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(Error::Unresolved(error.to_string())),
    }
}

/// The connector's resolver. It connects to exactly the returned addresses, so a name that changes a moment later has
/// no effect.
pub(crate) struct Resolver {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) only_public: bool,
    /// Names of the configured proxies, which may be on the local network.
    pub(crate) proxies: Vec<String>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = Arc::clone(&self.lookup);
        let name = name.as_str().to_owned();
        let only_public = self.only_public && !self.proxies.contains(&name);
        Box::pin(async move {
            let addresses = if only_public {
                public_addresses(&*lookup, &name).await?
            } else {
                any_addresses(&*lookup, &name).await?
            };
            // Port 0 is replaced by the URL's port.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
