//! Normalises text before it is parsed.

use std::borrow::Cow;

/// The text with `\n` as its only line ending and without the null character, which `CommonMark` replaces.
pub(crate) fn normalise(text: &str) -> Cow<'_, str> {
    if !text.contains(['\r', '\0']) {
        return Cow::Borrowed(text);
    }
    let mut normalised = String::with_capacity(text.len());
    append(&mut normalised, &mut false, text);
    Cow::Owned(normalised)
}

/// Appends the next piece of a text. `after_return` remembers between pieces that the last one ended in `\r`, whose
/// `\n` may still come.
pub(crate) fn append(text: &mut String, after_return: &mut bool, piece: &str) {
    if !*after_return && !piece.contains(['\r', '\0']) {
        text.push_str(piece);
        return;
    }
    for c in piece.chars() {
        match c {
            '\n' if *after_return => {}
            '\r' => text.push('\n'),
            '\0' => text.push(char::REPLACEMENT_CHARACTER),
            c => text.push(c),
        }
        *after_return = c == '\r';
    }
}

/// The start of the line that contains `offset`.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}
