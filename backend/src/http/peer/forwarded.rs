//! The headers that proxies add to a request: `X-Forwarded-*`, or `Forwarded` (RFC 7239) if there is none.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;

/// The forwarded headers of a request. Each is a list, to which every proxy appends; the nearest proxy's item is the last.
#[derive(Debug, Default)]
pub(super) struct Forwarded {
    /// Where the request came from.
    pub(super) nodes: Vec<Node>,
    schemes: Vec<String>,
    hosts: Vec<String>,
    ports: Vec<String>,
}

/// A client or a proxy in the list of those that forwarded a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Its address.
    Address(IpAddr),
    /// A proxy that does not tell the address: `unknown` or an obfuscated name.
    Unknown,
    /// Not the form of a node.
    Malformed,
}

impl Forwarded {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let list = |name: &str| list(headers, name);
        let standard = list("forwarded");
        // An item without the parameter keeps its place.
        let parameters = |name: &str| -> Vec<String> {
            standard.iter().map(|item| parameter(item, name).unwrap_or_default()).collect()
        };
        let either = |name: &str, parameter: &str| {
            let given = list(name);
            if given.is_empty() { parameters(parameter) } else { given }
        };
        Self {
            nodes: either("x-forwarded-for", "for").iter().map(|node| Node::parse(node)).collect(),
            schemes: either("x-forwarded-proto", "proto"),
            hosts: either("x-forwarded-host", "host"),
            ports: list("x-forwarded-port"),
        }
    }

    /// Whether the client reached the outermost of `hops` proxies over HTTPS.
    pub(super) fn is_https(&self, hops: usize) -> bool {
        item(&self.schemes, hops).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
    }

    /// The host that the client requested from the outermost of `hops` proxies, or `host` if that proxy reports none. If
    /// it has no port, it is also returned with the reported one.
    pub(super) fn hosts_or(&self, host: String, hops: usize) -> Vec<String> {
        let host = item(&self.hosts, hops).map_or(host, str::to_owned);
        let has_port =
            host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let port = item(&self.ports, hops).filter(|port| !has_port && port.parse::<u16>().is_ok());
        let with_port = port.map(|port| format!("{host}:{port}"));
        std::iter::once(host).chain(with_port).collect()
    }
}

/// The item that the outermost of `hops` proxies appended. A proxy may replace a list instead of appending to it.
fn item(list: &[String], hops: usize) -> Option<&str> {
    list.get(list.len().saturating_sub(hops)).map(String::as_str).filter(|item| !item.is_empty())
}

impl Node {
    /// Parses `192.0.2.1`, `192.0.2.1:5678`, `2001:db8::1`, `[2001:db8::1]:443`, `"…"`, `for=…;by=…` and `unknown`.
    fn parse(text: &str) -> Self {
        let unquoted = |text: &str| text.trim().trim_matches('"').to_owned();
        let text = if text.contains('=') {
            let Some(node) = parameter(text, "for") else { return Self::Unknown };
            node
        } else {
            unquoted(text)
        };
        if text.is_empty() || text.eq_ignore_ascii_case("unknown") || text.starts_with('_') {
            return Self::Unknown;
        }
        let address = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map_or("", |(address, _port)| address),
            None => match text.split_once(':') {
                // A second colon belongs to an IPv6 address.
                Some((address, port)) if !port.contains(':') => address,
                _ => &text,
            },
        };
        let without_zone = address.split('%').next().unwrap_or_default();
        without_zone.parse::<IpAddr>().map_or(Self::Malformed, |ip| Self::Address(ip.to_canonical()))
    }

    pub(super) fn address(self) -> Option<IpAddr> {
        if let Self::Address(address) = self { Some(address) } else { None }
    }
}

/// The items of a list, over all lines of a header.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

/// A parameter of an item, as in `for="[2001:db8::1]:443";proto=https`.
fn parameter(item: &str, name: &str) -> Option<String> {
    item.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}
