//! Proxies and time limits for requests to providers.

use std::time::Duration;

use kaiwa_egress::{Proxies, ProxyError};
use kaiwa_llm::http;

use super::{
    reader::Reader,
    variable::{Variable, section},
};

section! {
    "Network"

    HTTP_PROXY {
        default: "none",
        example: "http://proxy.example.org:3128",
        help: "The proxy for providers at `http://` addresses: `http://`, `https://`, `socks5://` or `socks5h://`.",
        aliases: ["http_proxy", "ALL_PROXY", "all_proxy"],
        secret: true,
    }

    HTTPS_PROXY {
        default: "none",
        example: "http://proxy.example.org:3128",
        help: "The proxy for providers at `https://` addresses, which is almost all of them.",
        aliases: ["https_proxy", "ALL_PROXY", "all_proxy"],
        secret: true,
    }

    NO_PROXY {
        default: "the local machine",
        example: "10.0.0.0/8,models.example.org",
        help: "Hosts, domains and networks, separated by commas, that are reached without a proxy. The local machine always is.",
        aliases: ["no_proxy"],
    }

    PROVIDER_CONNECT_SECONDS {
        default: "`10`",
        example: "20",
        help: "How long connecting to a provider may take, in seconds.",
    }

    PROVIDER_FIRST_BYTE_SECONDS {
        default: "`60`",
        example: "180",
        help: "How long a provider may take to start responding, in seconds. Large local models may need longer to load.",
    }

    PROVIDER_IDLE_SECONDS {
        default: "`120`",
        example: "300",
        help: "How long a provider may pause within a reply, in seconds.",
    }
}

/// Proxies and time limits for requests to providers.
#[derive(Clone, Debug, Default)]
pub struct NetworkSettings {
    /// Time limits and proxies.
    pub http: http::Options,
}

impl NetworkSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let (plain, tls) = (proxy(reader, HTTP_PROXY), proxy(reader, HTTPS_PROXY));
        let except = reader.text(NO_PROXY);
        let default = http::Options::default();
        let seconds = |reader: &mut Reader<'_>, variable: Variable, default: Duration| {
            let seconds = reader.parse_with(variable, |text| match text.parse::<u64>() {
                Ok(seconds) if (1..=3600).contains(&seconds) => Ok(seconds),
                _ => Err(format!("`{text}` is not a number of seconds from 1 to 3600")),
            });
            seconds.map_or(default, Duration::from_secs)
        };
        let http = http::Options {
            connect_timeout: seconds(reader, PROVIDER_CONNECT_SECONDS, default.connect_timeout),
            first_byte_timeout: seconds(reader, PROVIDER_FIRST_BYTE_SECONDS, default.first_byte_timeout),
            idle_timeout: seconds(reader, PROVIDER_IDLE_SECONDS, default.idle_timeout),
            // Each was checked by itself above, so that an error names its own variable.
            proxies: Proxies::new(plain.as_deref(), tls.as_deref(), except.as_deref()).unwrap_or_default(),
            ..default
        };
        Self { http }
    }
}

/// The address of a proxy, if it is valid.
fn proxy(reader: &mut Reader<'_>, variable: Variable) -> Option<String> {
    reader.parse_with(variable, |text| {
        Proxies::new(Some(text), None, None).map_err(|error: ProxyError| error.to_string())?;
        Ok(text.to_owned())
    })
}
