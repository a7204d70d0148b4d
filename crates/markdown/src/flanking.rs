//! Emphasis in scripts without spaces between words.
//!
//! `CommonMark` decides by the neighbours of `**` whether it opens or closes. In `**注意：**请看` the closing mark stands
//! between a punctuation mark and a letter, which by that rule opens emphasis, and the asterisks stay visible.
//! Models often write this in Chinese and Japanese. An invisible punctuation mark next to such a delimiter lets
//! the parser take it either way; [`strip`] removes the mark from everything that leaves the parser.

use std::borrow::Cow;

/// A punctuation mark of a shorthand script, which hardly any text contains. Text that does is left unchanged.
const MARK: char = '\u{1BC9F}';

/// Inserts marks where a delimiter is between a non-ASCII letter and a punctuation mark.
pub(crate) fn mark(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(['*', '~']) || text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut marked = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find(['*', '~']) {
        let start = from + found;
        let delimiter = text.as_bytes()[start];
        let end = start + text.as_bytes()[start..].iter().take_while(|byte| **byte == delimiter).count();
        from = end;
        let (Some(before), Some(after)) = (text[..start].chars().next_back(), text[end..].chars().next())
        else {
            continue;
        };
        let at = if is_punctuation(before) && before != '\\' && is_wide_letter(after) {
            end
        } else if is_wide_letter(before) && is_punctuation(after) {
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

/// Removes the marks from the parser's output. `marked` says whether there were any.
pub(crate) fn strip(text: &str, marked: bool) -> String {
    if marked { text.replace(MARK, "") } else { text.to_owned() }
}

/// Returns the offset in the original text that corresponds to `offset` in the marked one.
pub(crate) fn original_offset(marked: &str, offset: usize) -> usize {
    let before = marked.get(..offset).unwrap_or(marked);
    offset - before.matches(MARK).count() * MARK.len_utf8()
}

fn is_wide_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}
