//! The server's addresses and trusted proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::{reader::Reader, variable::section};

section! {
    "Server"

    HOST {
        default: "`127.0.0.1` (`0.0.0.0` in the image)",
        example: "0.0.0.0",
        help: "The address to listen on.",
    }

    PORT {
        default: "`8001`",
        example: "8001",
        help: "The port to listen on.",
    }

    API_PREFIX {
        default: "`/api`",
        example: "/api",
        help: "The path at which the API is mounted.",
    }

    SITE_URL {
        default: "derived from the request",
        example: "https://chat.example.org",
        help: "The public address. If it begins with `https`, the session cookie is `Secure` even if the proxy does not report HTTPS.",
        aliases: ["FRONTEND_URL", "APP_URL"],
    }

    TRUSTED_PROXIES {
        default: "one proxy, which connects from a loopback or private address",
        example: "172.18.0.5,203.0.113.0/24",
        help: "The addresses and networks of all proxies in front of the server, separated by commas. The server believes \
            the `X-Forwarded-*` or `Forwarded` headers that they send. List only proxies: a client at a listed address \
            can pretend to have any other address.",
    }
}

/// The server's addresses and trusted proxies.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address and port to listen on. Port 0 means any free port.
    pub listen: SocketAddr,
    /// The path of the API: empty, or with a leading and without a trailing slash.
    pub api_prefix: String,
    /// The public address, if it is configured.
    pub site_url: Option<Url>,
    /// Every proxy in front of the server. `None`: at most one, which connects from a loopback or private address.
    pub trusted_proxies: Option<Vec<IpNet>>,
}

impl ServerSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let host = reader.parse_with(HOST, parse_host).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = reader.parse(PORT).unwrap_or(8001);
        Self {
            listen: SocketAddr::new(host, port),
            api_prefix: reader.parse_with(API_PREFIX, parse_prefix).unwrap_or_else(|| "/api".to_owned()),
            site_url: reader.parse_with(SITE_URL, parse_site),
            trusted_proxies: reader.parse_with(TRUSTED_PROXIES, parse_networks),
        }
    }
}

fn parse_host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    text.parse().map_err(|_error| format!("`{text}` is not an IP address"))
}

fn parse_prefix(text: &str) -> Result<String, String> {
    let prefix = text.trim_end_matches('/');
    if !prefix.is_empty() && !prefix.starts_with('/') {
        return Err(format!("`{text}` does not begin with a slash"));
    }
    if prefix.contains(['{', '}', '?', '#', ' ']) || prefix.contains("//") {
        return Err(format!("`{text}` is not a path"));
    }
    Ok(prefix.to_owned())
}

fn parse_site(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not an address: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("`{other}` is not a scheme that a browser can open")),
    }
}

fn parse_networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let one_address = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse::<IpNet>()
                .or_else(|_error| one_address())
                .map_err(|_error| format!("`{part}` is not a network"))
        })
        .collect()
}
