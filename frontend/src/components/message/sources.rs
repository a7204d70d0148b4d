//! The citations of a reply.

use kaiwa_shared::message::{Citation, Part};
use leptos::prelude::*;

use crate::{i18n::t, state::chat::MessageHandle};

/// The sources of a reply, numbered in the order in which it cites them.
pub(super) fn sources(message: &MessageHandle) -> AnyView {
    let parts = message.parts.clone();
    let cited = Memo::new(move |_| parts.with(|parts| distinct(parts)));
    let row = |citation: Citation| {
        let Citation { url, title, excerpt } = citation;
        let host = host_of(&url).map(str::to_owned);
        let name = if title.is_empty() { host.clone().unwrap_or_else(|| url.clone()) } else { title };
        let host = host.filter(|host| *host != name);
        let named = if is_web(&url) {
            view! { <a href=url target="_blank" rel="noopener noreferrer nofollow" dir="auto">{name}</a> }
                .into_any()
        } else {
            view! { <span dir="auto">{name}</span> }.into_any()
        };
        let excerpt = (!excerpt.is_empty())
            .then(|| view! { <q class="source-excerpt" dir="auto">{excerpt}</q> }.into_any());
        view! {
            <li>
                {named}
                {host.map(|host| view! { <span class="source-host">{host}</span> }.into_any())}
                {excerpt}
            </li>
        }
        .into_any()
    };
    let list = move || {
        let cited = cited.get();
        (!cited.is_empty()).then(|| {
            view! {
                <section class="sources" aria-label=t(|words| words.message.sources)>
                    <p class="sources-title" aria-hidden="true">{t(|words| words.message.sources)}</p>
                    <ol>{cited.into_iter().map(row).collect_view()}</ol>
                </section>
            }
            .into_any()
        })
    };
    list.into_any()
}

/// Every source once, as it was first cited.
fn distinct(parts: &[Part]) -> Vec<Citation> {
    let mut cited: Vec<Citation> = Vec::new();
    for part in parts {
        if let Part::Citation(citation) = part
            && cited.iter().all(|known| (&known.url, &known.title) != (&citation.url, &citation.title))
        {
            cited.push(citation.clone());
        }
    }
    cited
}

/// Only web addresses become links.
fn is_web(url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    url.contains("://") && (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
}

/// The host of an address, without `www.`.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.strip_prefix("www.").unwrap_or(host)).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_that_of_the_link() {
        assert_eq!(host_of("https://www.example.org/a?b"), Some("example.org"));
        assert_eq!(host_of("https://good.example@evil.example/"), Some("evil.example"));
        assert_eq!(host_of("file-123"), None);
    }

    #[test]
    fn only_web_addresses_are_linked() {
        assert!(is_web("https://example.org"));
        assert!(is_web("HTTP://example.org"));
        for url in
            ["javascript:alert(1)//https://example.org", "data:text/html,x", "file:///etc/passwd", "", "a"]
        {
            assert!(!is_web(url), "{url}");
        }
    }

    #[test]
    fn a_source_that_is_cited_twice_is_listed_once() {
        let citation = |url: &str| Part::Citation(Citation { url: url.into(), ..Citation::default() });
        let parts =
            [citation("https://a.example"), citation("https://b.example"), citation("https://a.example")];
        assert_eq!(distinct(&parts).len(), 2);
    }
}
