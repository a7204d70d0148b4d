//! The headers that proxies add to a request: `X-Forwarded-*`, or `Forwarded` (RFC 7239) if there is none.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;

/// The forwarded headers of a request. Each may be a list, to which every proxy appends.
#[derive(Debug, Default)]
pub(super) struct Forwarded {
    /// Where the request came from, the nearest last.
    pub(super) nodes: Vec<Node>,
    /// The first proxy was reached over HTTPS.
    pub(super) is_https: bool,
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
        let parameter = |name: &'static str| standard.iter().filter_map(move |item| parameter(item, name));
        let either = |name: &str, parameters: Vec<String>| {
            let given = list(name);
            if given.is_empty() { parameters } else { given }
        };
        let nodes = either("x-forwarded-for", parameter("for").collect());
        let schemes = either("x-forwarded-proto", parameter("proto").collect());
        Self {
            nodes: nodes.iter().map(|node| Node::parse(node)).collect(),
            is_https: schemes.first().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            hosts: either("x-forwarded-host", parameter("host").collect()),
            ports: list("x-forwarded-port"),
        }
    }

    /// The requested hosts, or `host` if no proxy reports one. A host without a port has the reported ports.
    pub(super) fn hosts_or(self, host: String) -> Vec<String> {
        let Self { mut hosts, ports, .. } = self;
        if hosts.is_empty() {
            hosts.push(host);
        }
        let with_ports = |host: &String| {
            let has_port =
                host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
            let ports = ports.iter().filter(|port| !has_port && port.parse::<u16>().is_ok());
            ports.map(|port| format!("{host}:{port}")).collect::<Vec<_>>()
        };
        let more: Vec<String> = hosts.iter().flat_map(with_ports).collect();
        hosts.extend(more);
        hosts
    }
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
