//! The configured way through a network that has no direct one.

use std::fmt;

use reqwest::{ClientBuilder, NoProxy, Proxy};
use url::Url;

/// Never asked of a proxy, whose own loopback is another machine's.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Why a proxy cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Not an address.
    #[error("is not the address of a proxy, such as http://proxy.example.org:3128")]
    Malformed,
    /// A scheme that no proxy here has.
    #[error("must begin with http://, https://, socks5:// or socks5h://")]
    Scheme,
}

/// The proxies that requests go through. None by default, whatever the environment says.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    except: String,
}

impl Proxies {
    /// The proxy for `http` addresses, the one for `https` addresses, and the hosts, domains and networks, separated by
    /// commas, that are reached without. An address without a scheme is an HTTP proxy's.
    pub fn new(http: Option<&str>, https: Option<&str>, except: Option<&str>) -> Result<Self, ProxyError> {
        Ok(Self {
            http: http.map(parse).transpose()?,
            https: https.map(parse).transpose()?,
            except: except.unwrap_or_default().to_owned(),
        })
    }

    /// There is one.
    pub(crate) fn any(&self) -> bool {
        self.http.is_some() || self.https.is_some()
    }

    /// Their own hosts.
    pub(crate) fn hosts(&self) -> Vec<String> {
        [&self.http, &self.https].into_iter().flatten().filter_map(Url::host_str).map(str::to_owned).collect()
    }

    /// A builder whose client goes through these and no others.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> reqwest::Result<ClientBuilder> {
        let except = || NoProxy::from_string(&format!("{LOOPBACK},{}", self.except));
        // Without this call the client would take proxies from the environment.
        let mut builder = builder.no_proxy();
        if let Some(url) = &self.http {
            builder = builder.proxy(Proxy::http(url.clone())?.no_proxy(except()));
        }
        if let Some(url) = &self.https {
            builder = builder.proxy(Proxy::https(url.clone())?.no_proxy(except()));
        }
        Ok(builder)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address may hold a password.
        let host = |url: &Option<Url>| url.as_ref().and_then(Url::host_str).map(str::to_owned);
        f.debug_struct("Proxies")
            .field("http", &host(&self.http))
            .field("https", &host(&self.https))
            .field("except", &self.except)
            .finish()
    }
}

fn parse(text: &str) -> Result<Url, ProxyError> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.or(Err(ProxyError::Malformed))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(ProxyError::Scheme);
    }
    if url.has_host() { Ok(url) } else { Err(ProxyError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_written_with_or_without_a_scheme() {
        for text in ["http://proxy:3128", "proxy:3128", "127.0.0.1:7890", "socks5h://user:pw@proxy:1080"] {
            let proxies = Proxies::new(Some(text), None, None).unwrap();
            assert!(proxies.any() && proxies.hosts().len() == 1, "{text}");
            assert!(!format!("{proxies:?}").contains("pw"), "{text}");
        }
        assert_eq!(Proxies::new(None, Some("ftp://x"), None).unwrap_err(), ProxyError::Scheme);
        assert_eq!(Proxies::new(Some("http://"), None, None).unwrap_err(), ProxyError::Malformed);
    }
}
