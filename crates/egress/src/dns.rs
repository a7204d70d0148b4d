//! From a name to addresses that may be connected to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures_util::{FutureExt, future::BoxFuture};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Error, UrlError, is_global};

/// Looks names up. The system's way is [`SystemLookup`]; a test brings its own.
pub trait Lookup: Send + Sync {
    /// Every address of a name.
    fn lookup(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The way in which the system looks names up.
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

/// The addresses of a name, if every one of them is public. One that is not makes the whole name suspect: a name with a
/// public and a private address is how a guard is got round.
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

/// What a connector asks. It connects to the addresses that come back and looks up nothing more, so a name that points
/// elsewhere a moment later changes nothing.
pub(crate) struct Resolver {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) only_public: bool,
    /// Names of the configured proxies, which may be inside the network.
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
            // The port of the URL replaces port 0.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
