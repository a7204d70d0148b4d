//! Removes a key from a text, in whatever form it is written there.

use std::{collections::HashSet, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// What is shown in place of a key.
const SHOWN: &str = "[key]";

/// Characters of a key that may be shown, as whoever complains about a key shows some.
const FRAGMENT: usize = 8;

/// A spelling of the key, without punctuation.
struct Spelling {
    letters: Vec<char>,
    /// Minimum number of letters that are removed.
    fragment: usize,
    /// Upper and lower case are the same.
    ignores_case: bool,
}

/// The text without the key: as it is, in pieces, and encoded as Base64, hexadecimal, percent or decimal.
pub(crate) fn without_key(text: &str, key: &str) -> String {
    let mut text = text.replace(key, SHOWN);
    for spelling in spellings(key) {
        text = without(&text, &spelling);
    }
    text
}

fn spellings(key: &str) -> Vec<Spelling> {
    let hex = key.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let decimal: String = key.bytes().map(|byte| byte.to_string()).collect();
    let mut all =
        vec![(key.to_owned(), FRAGMENT, true), (hex, 2 * FRAGMENT, true), (decimal, 3 * FRAGMENT, true)];
    // The letters of Base64 depend on how many bytes come before the key, such as those of `Bearer `.
    for before in 0..3 {
        let bytes = [&vec![0; before], key.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        // Letters that also depend on what comes before and after the key.
        let start = (before * 8).div_ceil(6);
        let end = bytes.len() * 8 / 6;
        all.push((encoded.get(start..end).unwrap_or_default().to_owned(), 11, false));
    }
    let spellings = all.into_iter().map(|(text, fragment, ignores_case)| {
        let letters: Vec<char> = letters(&text, ignores_case).map(|(_, letter)| letter).collect();
        Spelling { fragment: fragment.min(letters.len()), letters, ignores_case }
    });
    // Less than this is found in any text.
    spellings.filter(|spelling| spelling.letters.len() >= 4).collect()
}

/// Letters and digits, and where each of them is.
fn letters(text: &str, ignores_case: bool) -> impl Iterator<Item = (usize, char)> {
    let found = text.char_indices().filter(|(_, c)| c.is_alphanumeric());
    found.map(move |(at, c)| (at, if ignores_case { c.to_ascii_lowercase() } else { c }))
}

/// The text without pieces of the spelling, whatever punctuation is between the letters.
fn without(text: &str, spelling: &Spelling) -> String {
    let (places, letters): (Vec<usize>, Vec<char>) = letters(text, spelling.ignores_case).unzip();
    let pieces: HashSet<&[char]> = spelling.letters.windows(spelling.fragment).collect();
    let mut out = String::new();
    let mut shown_to = 0;
    let mut at = 0;
    while let Some(window) = letters.get(at..at + spelling.fragment) {
        if !pieces.contains(window) {
            at += 1;
            continue;
        }
        let start = places.get(at).copied().unwrap_or_default();
        while letters.get(at + 1..at + 1 + spelling.fragment).is_some_and(|next| pieces.contains(next)) {
            at += 1;
        }
        at += spelling.fragment;
        let last = places.get(at - 1).copied().unwrap_or_default();
        out.push_str(text.get(shown_to..start).unwrap_or_default());
        out.push_str(SHOWN);
        shown_to = last + text.get(last..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    out.push_str(text.get(shown_to..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    const KEY: &str = "secret-0123456789/ab+";

    #[test]
    fn the_key_is_removed_in_every_spelling() {
        let each = |write: fn(u8) -> String| KEY.bytes().map(write).collect::<Vec<_>>().concat();
        let hex = each(|byte| format!("{byte:02x}"));
        for written in [
            KEY.to_owned(),
            KEY.to_uppercase(),
            KEY.replace("", " "),
            KEY.replace('-', "\n"),
            "secret-012\" + \"3456789/ab+".to_owned(),
            format!("{:?}", KEY.chars().collect::<Vec<_>>()),
            format!("{:?}", KEY.as_bytes()),
            STANDARD.encode(KEY),
            URL_SAFE.encode(KEY),
            STANDARD.encode(format!("Bearer {KEY}")),
            STANDARD.encode(format!("user:{KEY}\n")),
            STANDARD.encode(format!("a:{KEY}")),
            STANDARD.encode(KEY).replace("", "\n"),
            hex.clone(),
            hex.to_uppercase(),
            each(|byte| format!("%{byte:02X}")),
            each(|byte| format!("{byte:02x}:")),
        ] {
            let clean = without_key(&format!("No: {written} is wrong."), KEY);
            assert!(clean.starts_with("No: ") && clean.ends_with(" is wrong."), "{clean}");
            assert!(clean.contains(SHOWN) && clean.len() <= 60, "{written} became {clean}");
        }
        let halves = without_key("It begins with secret-01 and ends with 23456789/ab+.", KEY);
        assert_eq!(halves, "It begins with [key] and ends with [key]+.");
    }

    #[test]
    fn other_words_stay() {
        for text in ["The secret is out, 0123 times.", "", "世界", "c2VjcmV0", "7365637265"] {
            assert_eq!(without_key(text, KEY), text);
        }
        assert_eq!(without_key("no key k", "k"), "no [key]ey [key]");
    }
}
