//! Addresses that are safe to link.

use std::fmt;

/// An address that may become a link: `http`, `https` or `mailto`.
///
/// Browsers drop control characters before they look at the scheme, so `java\tscript:` is a script to them. They are
/// dropped here first, and the rest is checked and kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SafeUrl(String);

impl SafeUrl {
    /// Checks an address, with entities already decoded; `None` if it is not safe to link.
    pub fn parse(raw: &str) -> Option<Self> {
        let url: String = raw.trim().chars().filter(|c| !c.is_control()).collect();
        let url = url.trim();
        let accepted = if let Some(rest) = strip_web_scheme(url) {
            !host_of(rest).is_empty()
        } else {
            strip_prefix_ignoring_case(url, "mailto:").is_some_and(|address| !address.is_empty())
        };
        accepted.then(|| Self(url.to_owned()))
    }

    /// The address for an `href`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nobody on the way can read or change what comes from it: it is an `https` address.
    pub fn is_encrypted(&self) -> bool {
        strip_prefix_ignoring_case(&self.0, "https://").is_some()
    }

    /// The host of a web address, without username and port; `None` for mail.
    ///
    /// Shows the user where a link leads.
    pub fn host(&self) -> Option<&str> {
        strip_web_scheme(&self.0).map(host_of)
    }
}

/// The address of a file on this server: `/api/files/{id}/content` or `…/thumbnail`. The size of a picture may follow, as
/// in `#640x480`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFile {
    address: String,
    size: Option<(u32, u32)>,
}

impl OwnFile {
    /// Checks an address; `None` if it is not exactly that of a file.
    pub fn parse(raw: &str) -> Option<Self> {
        let (address, size) = raw.split_once('#').map_or((raw, None), |(path, size)| (path, size_in(size)));
        let id = address.strip_prefix("/api/files/")?;
        let id = id.strip_suffix("/content").or_else(|| id.strip_suffix("/thumbnail"))?;
        let is_uuid = id.len() == 36
            && id.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        is_uuid.then(|| Self { address: address.to_owned(), size })
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The width and height of the picture in pixels, if the address says so.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.size
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A width and a height, as in `640x480`.
fn size_in(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let side = |side: &str| side.parse().ok().filter(|side| (1..=100_000).contains(side));
    Some((side(width)?, side(height)?))
}

/// What follows `http://` or `https://`.
pub(crate) fn strip_web_scheme(url: &str) -> Option<&str> {
    strip_prefix_ignoring_case(url, "https://").or_else(|| strip_prefix_ignoring_case(url, "http://"))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The host after the scheme. A backslash ends it, because browsers treat it as a slash.
fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        // The colons within the brackets of an IPv6 address do not start a port.
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnFile, SafeUrl};

    #[test]
    fn only_the_content_of_a_file_is_a_file_of_ours() {
        let id = "0198a0b0-0000-7000-8000-00000000000a";
        for address in [format!("/api/files/{id}/content"), format!("/api/files/{id}/thumbnail")] {
            assert_eq!(OwnFile::parse(&address).as_ref().map(OwnFile::as_str), Some(&*address));
        }
        for address in [
            format!("/api/files/{id}"),
            format!("/api/files/{id}/content?x"),
            format!("/api/files/{id}/../content"),
            format!("//evil.example/api/files/{id}/content"),
            format!("https://evil.example/api/files/{id}/content"),
            "/api/files/../../logout/content".to_owned(),
            format!("/api/files/{}/content", id.replace('-', "x")),
        ] {
            assert_eq!(OwnFile::parse(&address), None, "{address}");
        }
    }

    #[test]
    fn the_size_of_a_picture_may_follow_its_address() {
        let address = "/api/files/0198a0b0-0000-7000-8000-00000000000a/content";
        for (fragment, size) in [
            ("", None),
            ("#640x480", Some((640, 480))),
            ("#1x1", Some((1, 1))),
            ("#0x480", None),
            ("#640", None),
            ("#640x-1", None),
            ("#99999999999x1", None),
            ("#top", None),
        ] {
            let file = OwnFile::parse(&format!("{address}{fragment}")).expect("is a file");
            assert_eq!((file.as_str(), file.size()), (address, size), "{fragment}");
        }
    }

    #[test]
    fn web_and_mail_addresses_are_accepted_in_any_case() {
        for url in
            ["https://example.com", "HTTP://EXAMPLE.COM/a?b#c", "http://[::1]:8080/", "MailTo:a@b.example"]
        {
            assert_eq!(SafeUrl::parse(url).map(|url| url.to_string()).as_deref(), Some(url));
        }
    }

    #[test]
    fn control_characters_are_removed_before_the_scheme_is_checked() {
        assert_eq!(SafeUrl::parse("java\tscript:alert(1)"), None);
        assert_eq!(SafeUrl::parse("\u{1}javascript:alert(1)"), None);
        let cleaned = SafeUrl::parse(" ht\ntps://exa\tmple.com\u{0}/ ").map(|url| url.to_string());
        assert_eq!(cleaned.as_deref(), Some("https://example.com/"));
    }

    #[test]
    fn other_schemes_and_relative_addresses_are_refused() {
        let refused = [
            "",
            "#top",
            "/login",
            "//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://example.com/1",
            "file:///etc/passwd",
            "https:example.com",
            "https://",
            "https:///x",
            "mailto:",
            "https:\\\\evil.example",
            "ｈttps://example.com",
        ];
        for url in refused {
            assert_eq!(SafeUrl::parse(url), None, "{url}");
        }
    }

    #[test]
    fn the_host_is_the_one_that_the_browser_would_ask() {
        let host = |url| SafeUrl::parse(url).and_then(|url| url.host().map(str::to_owned));
        assert_eq!(host("https://bank.example@evil.example:8443/x").as_deref(), Some("evil.example"));
        assert_eq!(host("https://evil.example\\@bank.example/").as_deref(), Some("evil.example"));
        assert_eq!(host("http://[::1]/").as_deref(), Some("[::1]"));
        assert_eq!(host("mailto:a@b.example"), None);
    }
}
