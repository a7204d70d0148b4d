//! Characters that stand for others while the parser runs.
//!
//! Some of what models write reads differently than `CommonMark` says. Such text is prepared for the parser: characters
//! that it must not interpret are replaced, and a few are inserted. Both are undone in everything that leaves the
//! parser, so code shows what was written even if the preparation took it for something else.

use std::borrow::Cow;

/// Makes its neighbour flanking: a punctuation mark of a shorthand script, which hardly any text contains.
pub(crate) const MARK: char = '\u{1BC9F}';
/// The start of a formula.
pub(crate) const OPEN: char = '\u{10F880}';
/// The end of a formula.
pub(crate) const CLOSE: char = '\u{10F881}';
/// At the start of a line: makes it a line of text.
pub(crate) const LINE: char = '\u{10F882}';

/// After `# `, which was inserted too: the line holds tags of a `<details>` element. As a heading it is a block of its own.
pub(crate) const TAGS: char = '\u{10F883}';
/// What precedes [`TAGS`].
pub(crate) const TAGS_PREFIX: &str = "# ";

/// The replacement of the ASCII character 0, at the end of the last private use area.
const BASE: u32 = 0x10_F800;

/// Appends a text with replacements for all characters that the parser may interpret.
pub(crate) fn push(into: &mut String, text: &str) {
    into.extend(text.chars().map(|c| {
        let interpreted = c.is_ascii() && !c.is_ascii_alphanumeric();
        char::from_u32(BASE + u32::from(c)).filter(|_| interpreted).unwrap_or(c)
    }));
}

/// Whether a character stands for another one or was inserted.
pub(crate) fn is_hidden(c: char) -> bool {
    c == MARK || (BASE..BASE + 0x100).contains(&u32::from(c))
}

/// Whether a text already contains such characters. It is then left as it is.
pub(crate) fn is_in(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// The text as it was written.
pub(crate) fn reveal(text: &str) -> Cow<'_, str> {
    if !is_in(text) {
        return Cow::Borrowed(text);
    }
    let mut written_text = String::with_capacity(text.len());
    for c in text.chars() {
        if c == TAGS && written_text.ends_with(TAGS_PREFIX) {
            written_text.truncate(written_text.len() - TAGS_PREFIX.len());
        }
        written_text.extend(written(c));
    }
    Cow::Owned(written_text)
}

/// Turns ascending offsets in a prepared text into offsets in the written one.
pub(crate) fn written_offsets<'a>(prepared: &str, offsets: impl Iterator<Item = &'a mut usize>) {
    let (mut read, mut length) = (0, 0);
    for offset in offsets {
        let more = prepared.get(read..*offset).unwrap_or_default();
        length += more.chars().filter_map(written).map(char::len_utf8).sum::<usize>();
        length -= more.matches(TAGS).count() * TAGS_PREFIX.len();
        read += more.len();
        *offset = length;
    }
}

/// What a character stands for; `None` if it was inserted.
fn written(c: char) -> Option<char> {
    match c {
        MARK | OPEN | CLOSE | LINE | TAGS => None,
        c => u32::from(c).checked_sub(BASE).filter(|code| *code < 0x80).map_or(Some(c), char::from_u32),
    }
}
