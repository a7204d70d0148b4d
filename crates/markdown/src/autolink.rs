//! Bare web and e-mail addresses in text.

use crate::{Inline, SafeUrl, url};

/// Turns the addresses in `content` into links.
pub(crate) fn link_addresses(content: &mut Vec<Inline>) {
    let has_address = |inline: &Inline| matches!(inline, Inline::Text(text) if find(text).is_some());
    if !content.iter().any(has_address) {
        return;
    }
    let mut linked = Vec::with_capacity(content.len() + 2);
    for inline in content.drain(..) {
        match inline {
            Inline::Text(text) => split(&text, &mut linked),
            other => linked.push(other),
        }
    }
    *content = linked;
}

/// Whether a link to `href` that shows `text` was a bare address.
pub(crate) fn is_bare(text: &str, href: &SafeUrl) -> bool {
    let href = href.as_str();
    [Some(href), href.strip_prefix("http://"), href.strip_prefix("mailto:")].contains(&Some(text))
}

fn split(mut text: &str, into: &mut Vec<Inline>) {
    while let Some(Found { start, end, href }) = find(text) {
        if start > 0 {
            into.push(Inline::Text(text[..start].to_owned()));
        }
        let content = vec![Inline::Text(text[start..end].to_owned())];
        into.push(Inline::Link { href: Some(href), title: String::new(), content });
        text = &text[end..];
    }
    if !text.is_empty() {
        into.push(Inline::Text(text.to_owned()));
    }
}

/// An address in a text.
struct Found {
    start: usize,
    end: usize,
    href: SafeUrl,
}

/// The first address in `text`.
fn find(text: &str) -> Option<Found> {
    [find_url(text), find_www(text), find_email(text)].into_iter().flatten().min_by_key(|found| found.start)
}

fn find_url(text: &str) -> Option<Found> {
    let mut from = 0;
    while let Some(colon) = text[from..].find("://").map(|found| from + found) {
        from = colon + 3;
        let Some(start) = scheme_start(text, colon) else { continue };
        let end = start + address_len(&text[start..], 2);
        // An address needs a host with at least one letter or digit.
        let named = url::strip_web_scheme(&text[start..end])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
        if let Some(href) = SafeUrl::parse(&text[start..end]).filter(|_| named) {
            return Some(Found { start, end, href });
        }
    }
    None
}

/// The start of the `http` or `https` before the colon, if it is a whole word.
fn scheme_start(text: &str, colon: usize) -> Option<usize> {
    let before = &text.as_bytes()[..colon];
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let start = colon - letters;
    let scheme = &text[start..colon];
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(start)
}

/// An address without a scheme: `www.` and a domain.
fn find_www(text: &str) -> Option<Found> {
    let mut from = 0;
    while let Some(start) = text[from..].find("www.").map(|found| from + found) {
        from = start + 4;
        let is_within_word =
            text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || "-_./@:".contains(c));
        let end = start + address_len(&text[start..], 0);
        let address = &text[start..end];
        let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
        if is_within_word || !is_domain(host) {
            continue;
        }
        if let Some(href) = SafeUrl::parse(&format!("http://{address}")) {
            return Some(Found { start, end, href });
        }
    }
    None
}

fn find_email(text: &str) -> Option<Found> {
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_+".contains(byte);
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find('@').map(|found| from + found) {
        from = at + 1;
        let start = at - bytes[..at].iter().rev().take_while(|byte| is_local(byte)).count();
        let host_len = bytes[at + 1..].iter().take_while(|byte| is_host(byte)).count();
        let host = text[at + 1..=at + host_len].trim_end_matches('.');
        let after = &text[at + 1 + host.len()..];
        // Part of a web address, a repository or a package.
        let is_part = text[..start].ends_with(['/', ':'])
            || after.starts_with(['/', '@'])
            || after
                .strip_prefix(':')
                .is_some_and(|path| path.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if start == at || is_part || !is_domain(host) || host.ends_with(['-', '_']) {
            continue;
        }
        let end = at + 1 + host.len();
        if let Some(href) = SafeUrl::parse(&format!("mailto:{}", &text[start..end])) {
            return Some(Found { start, end, href });
        }
    }
    None
}

/// Whether a host has at least two labels, and no underscore in the last two.
fn is_domain(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let mut is_label = |may_have_underscore: bool| {
        labels.next().map(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || (may_have_underscore && c == '_'))
        })
    };
    if is_label(false) != Some(true) || is_label(false) != Some(true) {
        return false;
    }
    while let Some(is_valid) = is_label(true) {
        if !is_valid {
            return false;
        }
    }
    true
}

/// The length of the address at the start of `text`, whose host begins after so many slashes.
///
/// Where words are not separated by spaces, the next word would become part of the address. Letters outside ASCII
/// therefore belong to it only at the start of a path segment or a value.
fn address_len(text: &str, slashes_before_host: usize) -> usize {
    let mut end = 0;
    let mut foreign = false;
    let mut previous = ' ';
    let mut slashes = 0;
    for (at, c) in text.char_indices() {
        slashes += usize::from(c == '/');
        let belongs = if c.is_ascii() {
            foreign = false;
            c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^')
        } else {
            foreign |= slashes > slashes_before_host && matches!(previous, '/' | '=');
            foreign && c.is_alphanumeric()
        };
        if !belongs {
            break;
        }
        previous = c;
        end = at + c.len_utf8();
    }
    trimmed_len(&text[..end])
}
/// The length without trailing punctuation, which belongs to the sentence.
fn trimmed_len(address: &str) -> usize {
    // Surplus closing brackets of each kind.
    let surplus = |open: char, close: char| {
        address.matches(close).count().saturating_sub(address.matches(open).count())
    };
    let (mut round, mut square) = (surplus('(', ')'), surplus('[', ']'));
    let mut kept = address;
    loop {
        // Probably an entity.
        let name = kept.strip_suffix(';').and_then(|kept| kept.rsplit_once('&'));
        if let Some((before, name)) = name
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            kept = before;
            continue;
        }
        let trim = match kept.chars().next_back() {
            Some('?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'') => true,
            Some(')') if round > 0 => {
                round -= 1;
                true
            }
            Some(']') if square > 0 => {
                square -= 1;
                true
            }
            _ => false,
        };
        if !trim {
            return kept.len();
        }
        kept = &kept[..kept.len() - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    fn address(text: &str) -> Option<&str> {
        find(text).map(|found| &text[found.start..found.end])
    }

    #[test]
    fn an_address_ends_before_the_punctuation_of_its_sentence() {
        assert_eq!(address("See https://example.com/a_(b)?c=d#e)."), Some("https://example.com/a_(b)?c=d#e"));
        assert_eq!(address("(https://example.com/)!"), Some("https://example.com/"));
        assert_eq!(address("HTTPS://EXAMPLE.COM, and"), Some("HTTPS://EXAMPLE.COM"));
    }

    #[test]
    fn chinese_text_around_an_address_stays_text() {
        assert_eq!(address("请访问https://docs.rs/leptos了解更多"), Some("https://docs.rs/leptos"));
        assert_eq!(address("（https://example.com）。"), Some("https://example.com"));
        assert_eq!(
            address("https://zh.wikipedia.org/wiki/会话，"),
            Some("https://zh.wikipedia.org/wiki/会话")
        );
    }

    #[test]
    fn www_and_mail_addresses_need_no_scheme() {
        for (text, expected, href) in [
            ("see www.example.com/a_(b).", "www.example.com/a_(b)", "http://www.example.com/a_(b)"),
            ("请访问www.example.com了解", "www.example.com", "http://www.example.com"),
            ("(www.example.com?q=1)", "www.example.com?q=1", "http://www.example.com?q=1"),
            ("write to a.b+c@mail.example.com.", "a.b+c@mail.example.com", "mailto:a.b+c@mail.example.com"),
            ("邮箱：kefu@example.cn，", "kefu@example.cn", "mailto:kefu@example.cn"),
            ("发到kefu@example.cn即可", "kefu@example.cn", "mailto:kefu@example.cn"),
        ] {
            let found = find(text).expect(text);
            assert_eq!((&text[found.start..found.end], found.href.as_str()), (expected, href), "{text}");
        }
        for text in [
            "www.",
            "www",
            "awww.example.com",
            "www..com",
            "@example.com",
            "a@b",
            "a@b.c_",
            "@handle",
            "git@github.com:owner/repository.git",
            "npm i @scope/package@1.2.3/x",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn words_that_resemble_an_address_stay_text() {
        for text in ["http://", "https://.", "xhttp://a", "ftp://a.example", "://", "https:// a"] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
