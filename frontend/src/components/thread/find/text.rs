//! Texts as they are compared: without markup, and without the difference between capital and small letters.

use kaiwa_markdown::{parse, parse_typed, plain_text};
use kaiwa_shared::message::Author;

use crate::state::chat::MessageHandle;

/// The text without the difference between capital and small letters. It has as many characters as before, so that a
/// position in one is a position in the other.
pub(in super::super) fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

pub(super) fn fold_char(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The text of a message as it is shown, folded.
pub(super) fn text_of(message: &MessageHandle) -> String {
    let text = message.text();
    let blocks = match message.author {
        Author::User => parse_typed(&text),
        Author::Assistant => parse(&text),
    };
    fold(&plain_text(&blocks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_and_keeps_the_number_of_characters() {
        for (text, folded) in [("Straße ÄÖ", "straße äö"), ("HTTP 茶", "http 茶"), ("İstanbul", "istanbul")]
        {
            assert_eq!(fold(text), folded);
            assert_eq!(fold(text).chars().count(), text.chars().count());
        }
    }
}
