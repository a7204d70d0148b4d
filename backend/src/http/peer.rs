//! The client at the other end of a request.
//!
//! `X-Forwarded-*` headers count only if a trusted proxy sent them.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, http::header};
use ipnet::IpNet;

use crate::settings::server::ServerSettings;

/// The client that sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// The client uses HTTPS, to the server itself or to the proxy in front of it.
    pub(crate) secure: bool,
    /// The host and port that the client requested.
    pub(crate) host: String,
}

impl Peer {
    /// Determines the client from the connection and the trusted headers.
    pub(crate) fn of(request: &HttpRequest, settings: &ServerSettings) -> Self {
        let socket = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let direct = unmapped(socket);
        let trusted = is_trusted(direct, &settings.trusted_proxies);
        let forwarded = |name: &str| {
            let value = request.headers().get(name).filter(|_| trusted)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let host = forwarded("x-forwarded-host").or_else(|| {
            let value = request.headers().get(header::HOST)?.to_str().ok()?;
            Some(value.to_owned())
        });
        let https_site = settings.site_url.as_ref().is_some_and(|url| url.scheme() == "https");
        Self {
            address: forwarded("x-forwarded-for")
                .and_then(|chain| last_untrusted(&chain, &settings.trusted_proxies))
                .unwrap_or(direct),
            secure: https_site
                || forwarded("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            host: host.unwrap_or_default(),
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

/// The last address in `X-Forwarded-For` that is not a trusted proxy. Anything to its left can be forged.
fn last_untrusted(chain: &str, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut addresses = chain.rsplit(',').map_while(|part| part.trim().parse().ok()).map(unmapped).peekable();
    let nearest = addresses.peek().copied();
    addresses.find(|address| !is_trusted(*address, trusted)).or(nearest)
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// Converts an IPv4-mapped IPv6 address to IPv4.
fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::settings::{Settings, source::Source};

    fn settings() -> ServerSettings {
        Settings::read(&Source::from_pairs([("TRUSTED_PROXIES", "10.0.0.0/8")])).unwrap().server
    }

    fn peer(from: &str, headers: &[(&'static str, &'static str)]) -> Peer {
        let mut request = TestRequest::default().peer_addr(format!("{from}:1000").parse().unwrap());
        for header in headers {
            request = request.insert_header(*header);
        }
        Peer::of(&request.to_http_request(), &settings())
    }

    #[test]
    fn an_untrusted_client_cannot_set_its_address_or_https() {
        let peer = peer("203.0.113.9", &[("x-forwarded-for", "10.1.1.1"), ("x-forwarded-proto", "https")]);
        assert_eq!(peer.address.to_string(), "203.0.113.9");
        assert!(!peer.secure);
    }

    #[test]
    fn a_trusted_proxy_names_its_client() {
        let headers =
            [("x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.0.0.2"), ("x-forwarded-proto", "https")];
        let peer = peer("10.0.0.1", &headers);
        assert_eq!(peer.address.to_string(), "198.51.100.7");
        assert!(peer.secure);
    }

    #[test]
    fn a_chain_of_only_proxies_counts_as_its_last_proxy() {
        assert_eq!(peer("10.0.0.1", &[("x-forwarded-for", "10.9.9.9")]).address.to_string(), "10.9.9.9");
    }
}
