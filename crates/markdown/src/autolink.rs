//! Bare web addresses in text.

use crate::{Inline, SafeUrl, url};

/// Turns the web addresses in `content` into links.
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

fn split(mut text: &str, into: &mut Vec<Inline>) {
    while let Some((start, end, href)) = find(text) {
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

/// The start, the end and the URL of the first address in `text`.
fn find(text: &str) -> Option<(usize, usize, SafeUrl)> {
    let mut from = 0;
    while let Some(colon) = text[from..].find("://").map(|found| from + found) {
        from = colon + 3;
        let Some(start) = scheme_start(text, colon) else { continue };
        let end = start + address_len(&text[start..]);
        // An address needs a host with at least one letter or digit.
        let named = url::strip_web_scheme(&text[start..end])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
        if let Some(href) = SafeUrl::parse(&text[start..end]).filter(|_| named) {
            return Some((start, end, href));
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

/// The length of the address at the start of `text`.
///
/// Where words are not separated by spaces, the next word would become part of the address. Letters outside ASCII
/// therefore belong to it only at the start of a path segment or a value.
fn address_len(text: &str) -> usize {
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
            foreign |= slashes > 2 && matches!(previous, '/' | '=');
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
        find(text).map(|(start, end, _)| &text[start..end])
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
    fn words_that_resemble_an_address_stay_text() {
        for text in ["http://", "https://.", "xhttp://a", "ftp://a.example", "://", "https:// a"] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
