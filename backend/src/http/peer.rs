//! The client at the other end of a request.
//!
//! Forwarded headers count only if a proxy sent them, and only what the believed proxies wrote: everything to the left of
//! that can be forged. By default a loopback or private peer is believed to be one proxy; `TRUSTED_PROXIES` names more.

mod forwarded;
mod warnings;

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, http::header};
use ipnet::IpNet;

use crate::settings::server::ServerSettings;

use forwarded::{Forwarded, Node};

pub(crate) use warnings::warn;

/// The client that sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// The client uses HTTPS, to the server itself or to the proxy in front of it.
    pub(crate) secure: bool,
    /// The host that the client requested, as it was reported, and with the port that a proxy reports separately.
    pub(crate) hosts: Vec<String>,
}

impl Peer {
    /// Determines the client from the connection and the believed headers.
    pub(crate) fn of(request: &HttpRequest, settings: &ServerSettings) -> Self {
        let direct = direct_address(request);
        let proxies = settings.trusted_proxies.as_deref();
        let https_site = settings.site_url.as_ref().is_some_and(|url| url.scheme() == "https");
        let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.unwrap_or_default().to_owned();
        if !is_proxy(direct, proxies) {
            return Self { address: direct, secure: https_site, hosts: vec![host] };
        }
        let forwarded = Forwarded::of(request.headers());
        let (address, hops) = client_address(&forwarded.nodes, direct, proxies);
        Self {
            address,
            secure: https_site || forwarded.is_https(hops),
            hosts: forwarded.hosts_or(host, hops),
        }
    }

    /// The key of a rate limit: the IPv4 address, or the /64 network of an IPv6 address, since one customer has a whole
    /// network.
    pub(crate) fn limit_key(&self) -> IpAddr {
        match self.address {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

/// The address of the connection. An IPv4-mapped IPv6 address is IPv4.
fn direct_address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()).to_canonical()
}

/// The nearest address that is not a proxy, and how many proxies are between it and the server. Without a configured list,
/// there is one proxy, and the address is the one that it reports.
fn client_address(nodes: &[Node], direct: IpAddr, proxies: Option<&[IpNet]>) -> (IpAddr, usize) {
    let known = nodes.iter().rev().filter(|node| **node != Node::Unknown);
    let mut addresses = known.map_while(|node| node.address()).zip(1..).peekable();
    let nearest = addresses.peek().copied();
    let beyond = proxies.and_then(|_| addresses.find(|(address, _)| !is_proxy(*address, proxies)));
    beyond.or(nearest).unwrap_or((direct, 1))
}

fn is_proxy(address: IpAddr, proxies: Option<&[IpNet]>) -> bool {
    match proxies {
        Some(networks) => networks.iter().any(|network| network.contains(&address)),
        None => is_local(address),
    }
}

/// Whether an address is loopback or belongs to a private network.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
