//! Text files: which bytes are text, and in which encoding.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// The media type of text whose name says nothing.
const PLAIN: &str = "text/plain";

/// The media types that the ends of names stand for; everything else is plain.
const MEDIA_TYPES: [(&str, &str); 10] = [
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("svg", "image/svg+xml"),
    ("tsv", "text/tab-separated-values"),
    ("xml", "application/xml"),
];

/// Whether a file that begins with `head` is text, in any encoding: it has no control characters and no bytes that mean
/// nothing, except for a character that is cut off at the end.
pub fn is_text(head: &[u8]) -> bool {
    let (text, has_errors) = read(head);
    let whole = text.strip_suffix('\u{fffd}').unwrap_or(&text);
    let is_wrong = |c: char| is_control(c) || (has_errors && c == '\u{fffd}');
    !whole.chars().any(is_wrong)
}

/// The text of a file in any encoding; characters that cannot be read become U+FFFD.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    read(bytes).0
}

fn read(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let encoding = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => guess(bytes),
        _ => UTF_8,
    };
    // A byte order mark counts more than the guess.
    let (text, _, has_errors) = encoding.decode(bytes);
    (text, has_errors)
}

/// The media type of a text file by the end of its name.
pub fn media_type(name: &str) -> &'static str {
    let Some((_, end)) = name.rsplit_once('.') else { return PLAIN };
    let known = MEDIA_TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(end));
    known.map_or(PLAIN, |(_, media_type)| media_type)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// A control character that no text contains.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{8}' | '\u{1b}' | '\u{85}')
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1252};

    use super::*;

    #[test]
    fn text_in_any_encoding_is_read() {
        let chinese = "会话是一个自托管的人工智能聊天平台，每个人都可以运行它。";
        let traditional = "這是一個可以自行架設的人工智慧聊天平台，每個人都能使用。";
        let japanese = "これは自分で運用できるチャットのプラットフォームです。";
        let korean = "이것은 직접 운영할 수 있는 채팅 플랫폼입니다.";
        let german = "Größe und Übermut, für alle Mädchen schön; müßig über Straßen.";
        for (encoding, text) in [
            (GB18030, chinese),
            (BIG5, traditional),
            (SHIFT_JIS, japanese),
            (EUC_KR, korean),
            (WINDOWS_1252, german),
            (UTF_8, chinese),
        ] {
            let bytes = encoding.encode(text).0;
            assert!(is_text(&bytes), "{}", encoding.name());
            assert_eq!(decode(&bytes), text, "{}", encoding.name());
        }
    }

    #[test]
    fn byte_order_marks_are_understood_and_dropped() {
        let utf16: Vec<u8> = "\u{feff}汉字 and text".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}汉字 and text".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [utf16, big, "\u{feff}汉字 and text".as_bytes().to_vec()] {
            assert!(is_text(&bytes));
            assert_eq!(decode(&bytes), "汉字 and text");
        }
    }

    #[test]
    fn a_character_that_is_cut_off_does_no_harm() {
        let text = "会话".as_bytes();
        assert!((1..=text.len()).all(|end| is_text(&text[..end])));
        let gbk = GB18030.encode("会话是一个自托管的人工智能聊天平台，每个人都可以运行它").0;
        assert!(is_text(&gbk[..gbk.len() - 1]));
    }

    #[test]
    fn binary_is_no_text() {
        let binary: &[&[u8]] = &[
            b"abc\0def",
            b"\x01\x02\x03",
            b"\x7fELF",
            b"\xff\xfe\0\0\x01\0\x02\0",
            b"\x89HDF\r\n\x1a\n",
            b"\x80\x81\x82\x83\x84\x05\x06",
        ];
        for bytes in binary {
            assert!(!is_text(bytes), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn names_tell_kinds_of_text_apart() {
        for (name, expected) in [
            ("notes.md", "text/markdown"),
            ("DATA.CSV", "text/csv"),
            ("main.rs", "text/plain"),
            ("README", "text/plain"),
            ("x.png", "text/plain"),
            ("page.html", "text/html"),
        ] {
            assert_eq!(media_type(name), expected, "{name}");
        }
    }
}
