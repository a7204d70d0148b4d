//! Emphasis in scripts without spaces between words.
//!
//! `CommonMark` decides by the neighbours of `**` whether it opens or closes. In `**注意：**请看` the closing mark stands
//! between a punctuation mark and a letter, which by that rule opens emphasis, and the asterisks stay visible.
//! Models often write this in Chinese and Japanese. An invisible punctuation mark next to such a delimiter lets
//! the parser take it either way.

use std::borrow::Cow;

use crate::hidden::{self, MARK};

/// Inserts marks where a delimiter is between a letter and a punctuation mark, and one of them is not ASCII.
pub(crate) fn mark(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(['*', '~', '_']) {
        return Cow::Borrowed(text);
    }
    let mut marked = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find(['*', '~', '_']) {
        let start = from + found;
        let delimiter = text.as_bytes()[start];
        let end = start + text.as_bytes()[start..].iter().take_while(|byte| **byte == delimiter).count();
        from = end;
        let (Some(before), Some(after)) = (text[..start].chars().next_back(), text[end..].chars().next())
        else {
            continue;
        };
        let at = if before == '\\' {
            continue;
        } else if is_punctuation(before) && flanks(delimiter, end - start, after, before) {
            end
        } else if is_punctuation(after) && flanks(delimiter, end - start, before, after) {
            start
        } else {
            continue;
        };
        marked.push_str(&text[copied..at]);
        marked.push(MARK);
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    marked.push_str(&text[copied..]);
    Cow::Owned(marked)
}

/// Whether a delimiter between a letter and a punctuation mark may be taken either way.
fn flanks(delimiter: u8, length: usize, letter: char, punctuation: char) -> bool {
    if !is_letter(letter) || (letter.is_ascii() && punctuation.is_ascii()) {
        return false;
    }
    match delimiter {
        b'_' => length > 1,
        // `2*（3+4）*5` is a product.
        b'*' if length == 1 => !(letter.is_ascii_digit() && matches!(punctuation, '（' | '）')),
        _ => true,
    }
}

/// To the parser, a hidden character is one.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || hidden::is_hidden(c)
}

fn is_punctuation(c: char) -> bool {
    !is_letter(c) && !c.is_whitespace() && !c.is_control()
}
