//! The address under which a request reached the server, and whether it is one of the server's own.
//!
//! A page at a name that an attacker controls can make that name point to this machine (DNS rebinding). Its requests look
//! like those of Kaiwa's own page, but they carry the attacker's name.

use actix_web::{HttpRequest, http::header};
use url::{Host, Url};

use crate::{http::ApiError, state::AppState};

/// Endings of names that exist only in local networks.
const LOCAL_ENDINGS: &[&str] = &["localhost", "local", "lan", "internal", "home.arpa"];

/// The names of a request that are not known to be the server's: not local, not `SITE_URL`, and never confirmed.
pub(crate) async fn unknown_names(request: &HttpRequest, state: &AppState) -> Result<Vec<String>, ApiError> {
    let site = state.settings.server.site_url.as_ref().and_then(Url::host_str);
    let mut unknown = Vec::new();
    for name in names(request) {
        let is_known = is_local(&name) || site.is_some_and(|site| site.eq_ignore_ascii_case(&name));
        if !is_known && !state.store.read().await?.hosts().is_confirmed(&name).await? {
            unknown.push(name);
        }
    }
    Ok(unknown)
}

/// Every name in `Host` and in the headers of proxies, believed or not: a page of an attacker can add headers, but it
/// cannot change `Host`.
fn names(request: &HttpRequest) -> Vec<String> {
    let lines = [header::HOST, header::HeaderName::from_static("x-forwarded-host")]
        .into_iter()
        .flat_map(|name| request.headers().get_all(name))
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    let mut names: Vec<String> = lines
        .flat_map(|line| line.split(',').map(|host| name(host.trim())).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A host without its port, in lower case and without a final dot, as a browser understands it.
fn name(host: &str) -> String {
    let parsed = Url::parse(&format!("http://{host}")).ok().filter(|url| url.username().is_empty());
    let name = parsed.as_ref().and_then(Url::host_str).unwrap_or(host);
    name.trim_end_matches('.').to_lowercase()
}

fn is_local(name: &str) -> bool {
    match Host::parse(name) {
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Ok(Host::Domain(domain)) => {
            let is_below = |ending: &&str| {
                domain.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            !domain.contains('.') || LOCAL_ENDINGS.iter().any(is_below)
        }
        Err(_) => false,
    }
}
