//! Who is at the other end, as far as it can be believed.
//!
//! `X-Forwarded-*` is taken from a trusted proxy only; from anyone else it is an attempt.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, http::header};
use ipnet::IpNet;

use crate::settings::server::ServerSettings;

/// What is known of the other end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// The browser speaks HTTPS to us or to the proxy before us.
    pub(crate) secure: bool,
    /// The host and port by which the browser calls us.
    pub(crate) host: String,
}

impl Peer {
    /// Finds out who is at the other end.
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

    /// What a limit counts: one IPv4 address, or one IPv6 network, since a home has more addresses than grains of
    /// sand.
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

/// The nearest address in `X-Forwarded-For` that is not a proxy of ours: what stands left of it is hearsay.
fn last_untrusted(chain: &str, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut addresses = chain.rsplit(',').map_while(|part| part.trim().parse().ok()).map(unmapped).peekable();
    let nearest = addresses.peek().copied();
    addresses.find(|address| !is_trusted(*address, trusted)).or(nearest)
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// An IPv4 address that came through an IPv6 socket, as the IPv4 address that it is.
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
    fn a_stranger_cannot_claim_another_address_or_https() {
        let peer = peer("203.0.113.9", &[("x-forwarded-for", "10.1.1.1"), ("x-forwarded-proto", "https")]);
        assert_eq!(peer.address.to_string(), "203.0.113.9");
        assert!(!peer.secure);
    }

    #[test]
    fn a_trusted_proxy_tells_who_came_to_it() {
        let headers =
            [("x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.0.0.2"), ("x-forwarded-proto", "https")];
        let peer = peer("10.0.0.1", &headers);
        assert_eq!(peer.address.to_string(), "198.51.100.7");
        assert!(peer.secure);
    }

    #[test]
    fn a_chain_of_proxies_alone_is_counted_by_its_nearest_link() {
        assert_eq!(peer("10.0.0.1", &[("x-forwarded-for", "10.9.9.9")]).address.to_string(), "10.9.9.9");
    }
}
