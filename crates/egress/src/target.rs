//! Checks addresses before names are resolved.

use std::net::IpAddr;

use url::{Host, Url};

use crate::is_global;

/// The maximum length of a DNS name and of its labels.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Ports that every public client may reach.
const PORTS: [u16; 2] = [80, 443];

/// Suffixes of names that are local to a network (RFC 6761, RFC 8375 and common practice).
const INSIDE: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "test",
    "invalid",
    "onion",
];

/// Why an address cannot be used. Each message states what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("this is not an address; write it like https://example.com/path")]
    Malformed,
    /// A line break, tab or other control character.
    #[error("the address contains a character that no address has, such as a line break; write it anew")]
    Control,
    /// Neither `http` nor `https`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// A user name or password.
    #[error("the address may not contain a user name or password; give the key in its own field")]
    Credentials,
    /// An invalid DNS name.
    #[error("the host's name is not one that can exist; check its spelling")]
    Host,
    /// A port that is not for the web.
    #[error("port {0} is not allowed; use 80 or 443, or ask the administrator to configure this address")]
    Port(u16),
    /// On this machine or its network.
    #[error("the address is not on the public internet; an administrator can configure it as a provider")]
    NotPublic,
}

/// Scheme, host and port of an address. Addresses with the same origin are the same server, as in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(url::Origin);

impl Origin {
    /// The origin of an address that [`parse_url`] accepts.
    ///
    /// # Errors
    ///
    /// If no request can be sent there.
    pub fn of(url: &Url) -> Result<Self, UrlError> {
        check(url)?;
        Ok(Self(url.origin()))
    }

    /// Whether `url` has this origin.
    pub fn is_of(&self, url: &Url) -> bool {
        url.origin() == self.0
    }

    /// Whether it is this machine, by a literal address or by `localhost`.
    pub fn is_loopback(&self) -> bool {
        match &self.0 {
            url::Origin::Tuple(_, Host::Ipv4(address), _) => address.is_loopback(),
            url::Origin::Tuple(_, Host::Ipv6(address), _) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
            }
            url::Origin::Tuple(_, Host::Domain(name), _) => name.trim_end_matches('.') == "localhost",
            url::Origin::Opaque(_) => false,
        }
    }

    /// The port.
    pub fn port(&self) -> Option<u16> {
        match &self.0 {
            url::Origin::Tuple(_, _, port) => Some(*port),
            url::Origin::Opaque(_) => None,
        }
    }
}

/// Parses an address. All checks use the parsed host, never the text.
///
/// # Errors
///
/// If no request may be sent there.
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    let text = text.trim();
    // The parser silently drops line breaks and tabs, so they are refused here.
    if text.chars().any(char::is_control) {
        return Err(UrlError::Control);
    }
    let url = Url::parse(text).or(Err(UrlError::Malformed))?;
    check(&url)?;
    Ok(url)
}

/// Checks for every address: the scheme, no credentials, a valid host.
fn check(url: &Url) -> Result<(), UrlError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    match url.host() {
        None => Err(UrlError::Host),
        Some(Host::Domain(name)) if !can_exist(name) => Err(UrlError::Host),
        Some(_) => Ok(()),
    }
}

fn can_exist(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= NAME_MAX && name.split('.').all(|label| (1..=LABEL_MAX).contains(&label.len()))
}

/// Whether an address may be on the public internet, before its name is resolved: no literal address that is not
/// public, no local name, and one of the ports 80, 443 or `ports`.
///
/// # Errors
///
/// States what is not allowed, without revealing whether anything is there.
pub fn check_public(url: &Url, ports: &[u16]) -> Result<(), UrlError> {
    check(url)?;
    let public = match url.host() {
        Some(Host::Ipv4(address)) => is_global(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_global(IpAddr::V6(address)),
        Some(Host::Domain(name)) => may_be_public(name),
        None => false,
    };
    if !public {
        return Err(UrlError::NotPublic);
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if PORTS.contains(&port) || ports.contains(&port) { Ok(()) } else { Err(UrlError::Port(port)) }
}

/// A name without a dot is completed by the machine's search list, so it is local.
fn may_be_public(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_inside =
        |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !INSIDE.iter().any(is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<(), UrlError> {
        check_public(&parse_url(text)?, &[])
    }

    /// Every case of the lists that needs no look-up; each in the spellings that the parser understands.
    #[test]
    fn no_spelling_of_a_local_address_is_public() {
        for text in [
            "http://127.0.0.1:80",
            "http://localhost",
            "http://localhost.",
            "http://LOCALHOST",
            "http://app.localhost",
            "http://ⓛocalhost",
            "http://2130706433/",
            "http://0x7f.1",
            "http://127.1",
            "http://017700000001",
            "http://0",
            "http://①②⑦.⓪.⓪.①",
            "http://169.254.169.254/latest/meta-data",
            "http://169.254.169.254.",
            "http://169.254.170.2",
            "http://100.100.100.200",
            "http://metadata.google.internal",
            "http://[fd00:ec2::254]",
            "http://10.0.0.1",
            "http://172.16.0.1",
            "http://192.168.0.1",
            "http://255.255.255.255",
            "http://[::1]",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://[::ffff:a9fe:a9fe]",
            "http://[::127.0.0.1]",
            "http://[64:ff9b::7f00:1]",
            "http://[64:ff9b:1::808:808]",
            "http://[2002:7f00:1::]",
            "http://[2001::1]",
            "http://[fe80::1]",
            "http://[fec0::1]",
            "http://[ff02::1]",
            "http://[100::1]",
            "http://printer.lan",
            "http://router",
            "http://x.home.arpa",
        ] {
            assert_eq!(verdict(text), Err(UrlError::NotPublic), "for {text}");
        }
    }

    #[test]
    fn tricks_that_hide_the_host_are_decided_on_the_host() {
        assert_eq!(verdict("http://user:pass@127.0.0.1"), Err(UrlError::Credentials));
        assert_eq!(verdict("http://127.0.0.1%2f@evil.example.com"), Err(UrlError::Credentials));
        assert_eq!(verdict("http://evil\\@127.0.0.1"), Err(UrlError::NotPublic), "the host is `evil`");
        assert_eq!(verdict("http://example.com\\@127.0.0.1"), Ok(()), "the host is `example.com`");
        assert_eq!(verdict("http://example.com#@127.0.0.1"), Ok(()));
        for text in ["http://127.0\t.0.1", "http://exam\nple.com", "http://example.com/a\r\nHost: x"] {
            assert_eq!(verdict(text), Err(UrlError::Control), "for {text:?}");
        }
    }

    #[test]
    fn only_web_schemes_and_web_ports_are_used() {
        for scheme in ["file", "gopher", "ftp", "dict", "ldap", "data", "ws", "wss", "unix", "http+unix"] {
            assert_eq!(verdict(&format!("{scheme}://example.com/")), Err(UrlError::Scheme), "{scheme}");
        }
        for port in [22, 25, 6379, 5432, 9200, 8001, 3000] {
            assert_eq!(verdict(&format!("https://example.com:{port}/")), Err(UrlError::Port(port)));
        }
        for text in ["https://example.com", "http://example.com:80/x", "https://example.com.:443"] {
            assert_eq!(verdict(text), Ok(()), "{text}");
        }
        assert_eq!(check_public(&parse_url("https://example.com:8443").unwrap(), &[8443]), Ok(()));
    }

    #[test]
    fn invalid_names_are_refused() {
        for text in ["http://[fe80::1%25eth0]/", "http://", "no address", "http://exa mple.com"] {
            assert_eq!(verdict(text), Err(UrlError::Malformed), "{text}");
        }
        let long = "a".repeat(64);
        assert_eq!(verdict(&format!("http://{long}.com")), Err(UrlError::Host));
        assert_eq!(verdict(&format!("http://{}com", "a.".repeat(125))), Ok(()));
        assert_eq!(verdict(&format!("http://{}com", "a.".repeat(126))), Err(UrlError::Host));
        assert_eq!(verdict("http://a..example.com"), Err(UrlError::Host));
    }

    #[test]
    fn origins_are_compared_as_a_whole() {
        let origin = |text: &str| Origin::of(&parse_url(text).unwrap()).unwrap();
        let ollama = origin("http://10.0.0.5:11434");
        assert!(ollama.is_of(&parse_url("http://10.0.0.5:11434/api/chat?x").unwrap()));
        for other in [
            "https://10.0.0.5:11434",
            "http://10.0.0.5",
            "http://10.0.0.6:11434",
            "http://10.0.0.5:11435",
            "http://ollama:11434",
        ] {
            assert!(!ollama.is_of(&parse_url(other).unwrap()), "{other}");
        }
        // A twin in another alphabet is another host.
        assert_ne!(origin("https://xn--pple-43d.com"), origin("https://apple.com"));
        assert_eq!(origin("https://аpple.com"), origin("https://xn--pple-43d.com"));
        assert!(origin("http://127.8.0.1:1").is_loopback() && origin("http://localhost.").is_loopback());
        assert!(origin("http://[::ffff:127.0.0.1]").is_loopback() && !ollama.is_loopback());
    }
}
