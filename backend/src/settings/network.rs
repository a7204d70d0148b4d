//! How providers are reached.

use std::time::Duration;

use kaiwa_egress::{Proxies, ProxyError};
use kaiwa_llm::http;

use super::{
    reader::Reader,
    variable::{Section, Variable},
};

/// The variables of this section.
pub const SECTION: Section = Section {
    title: "Network",
    variables: &[
        Variable::new(
            "HTTP_PROXY",
            "none",
            "http://proxy.example.org:3128",
            "The proxy for providers at `http://` addresses: `http://`, `https://`, `socks5://` or `socks5h://`.",
        )
        .aliases(&["http_proxy", "ALL_PROXY", "all_proxy"])
        .secret(),
        Variable::new(
            "HTTPS_PROXY",
            "none",
            "http://proxy.example.org:3128",
            "The proxy for providers at `https://` addresses, which are nearly all.",
        )
        .aliases(&["https_proxy", "ALL_PROXY", "all_proxy"])
        .secret(),
        Variable::new(
            "NO_PROXY",
            "this machine",
            "10.0.0.0/8,models.example.org",
            "Hosts, domains and networks, separated by commas, that are reached without a proxy. This machine always is.",
        )
        .aliases(&["no_proxy"]),
        Variable::new(
            "PROVIDER_CONNECT_SECONDS",
            "`10`",
            "20",
            "How long a connection to a provider may take.",
        ),
        Variable::new(
            "PROVIDER_FIRST_BYTE_SECONDS",
            "`60`",
            "180",
            "How long a provider may take to begin its answer. Large local models that are loaded first need more.",
        ),
        Variable::new(
            "PROVIDER_IDLE_SECONDS",
            "`120`",
            "300",
            "How long a provider may say nothing in the middle of a reply.",
        ),
    ],
};

/// How providers are reached.
#[derive(Clone, Debug, Default)]
pub struct NetworkSettings {
    /// Time limits and proxies.
    pub http: http::Options,
}

impl NetworkSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let (plain, tls) = (proxy(reader, "HTTP_PROXY"), proxy(reader, "HTTPS_PROXY"));
        let except = reader.text("NO_PROXY");
        let default = http::Options::default();
        let seconds = |reader: &mut Reader<'_>, name: &str, default: Duration| {
            let seconds = reader.parse_with(name, |text| match text.parse::<u64>() {
                Ok(seconds) if (1..=3600).contains(&seconds) => Ok(seconds),
                _ => Err(format!("`{text}` is not a number of seconds from 1 to 3600")),
            });
            seconds.map_or(default, Duration::from_secs)
        };
        let http = http::Options {
            connect_timeout: seconds(reader, "PROVIDER_CONNECT_SECONDS", default.connect_timeout),
            first_byte_timeout: seconds(reader, "PROVIDER_FIRST_BYTE_SECONDS", default.first_byte_timeout),
            idle_timeout: seconds(reader, "PROVIDER_IDLE_SECONDS", default.idle_timeout),
            // Both were read one by one above, so that a mistake is reported under its own name.
            proxies: Proxies::new(plain.as_deref(), tls.as_deref(), except.as_deref()).unwrap_or_default(),
            ..default
        };
        Self { http }
    }
}

/// A proxy's address, if it is one.
fn proxy(reader: &mut Reader<'_>, name: &str) -> Option<String> {
    reader.parse_with(name, |text| {
        Proxies::new(Some(text), None, None).map_err(|error: ProxyError| error.to_string())?;
        Ok(text.to_owned())
    })
}
