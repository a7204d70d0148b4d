//! The few HTML tags that have a meaning: `<details>`, `<summary>`, `<sub>`, `<sup>`, `<kbd>` and `<br>`, without
//! attributes. Everything else is text.
//!
//! To `CommonMark`, a line that begins with a tag may begin a block of HTML, which goes on to the next blank line. [`mark`]
//! prevents that, so that what is between the tags is read as Markdown. `builder::tags` then pairs the tags.

use std::borrow::Cow;

use crate::{InlineTag, hidden, speculate::without_containers};

/// A tag of a `<details>` element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockTag {
    Details { is_open: bool },
    DetailsEnd,
    Summary,
    SummaryEnd,
}

const BLOCK_TAGS: [(&str, BlockTag); 5] = [
    ("<details>", BlockTag::Details { is_open: false }),
    ("<details open>", BlockTag::Details { is_open: true }),
    ("</details>", BlockTag::DetailsEnd),
    ("<summary>", BlockTag::Summary),
    ("</summary>", BlockTag::SummaryEnd),
];

/// The sources of the block tags.
pub(crate) fn block_tags() -> impl Iterator<Item = &'static str> {
    BLOCK_TAGS.iter().map(|(source, _)| *source)
}

/// The inline tags with their opening and closing form.
pub(crate) const INLINE_TAGS: [(InlineTag, &str, &str); 3] = [
    (InlineTag::Subscript, "<sub>", "</sub>"),
    (InlineTag::Superscript, "<sup>", "</sup>"),
    (InlineTag::Keyboard, "<kbd>", "</kbd>"),
];

/// Models use `<br>` to break lines within table cells.
pub(crate) fn is_line_break(html: &str) -> bool {
    ["<br>", "<br/>", "<br />"].iter().any(|tag| html.eq_ignore_ascii_case(tag))
}

/// The inline tag that opens or closes with `html`, and whether it opens.
pub(crate) fn inline_tag(html: &str) -> Option<(InlineTag, bool)> {
    INLINE_TAGS.iter().find_map(|(tag, open, close)| {
        let opens = html.eq_ignore_ascii_case(open);
        (opens || html.eq_ignore_ascii_case(close)).then_some((*tag, opens))
    })
}

/// The first block tag in a text: where it starts and ends.
pub(crate) fn first_block_tag(text: &str) -> Option<(usize, usize, BlockTag)> {
    text.match_indices('<')
        .find_map(|(at, _)| block_tag(&text[at..]).map(|(length, tag)| (at, at + length, tag)))
}

/// The length of the block tag at the start of a text.
fn block_tag(text: &str) -> Option<(usize, BlockTag)> {
    BLOCK_TAGS.iter().find_map(|(source, tag)| {
        text.get(..source.len())?.eq_ignore_ascii_case(source).then_some((source.len(), *tag))
    })
}

/// Makes lines with block tags headings, which are blocks of their own, and lines with a lone inline tag text.
pub(crate) fn mark(text: &str) -> Cow<'_, str> {
    let mut marked = String::new();
    let (mut at, mut copied) = (0, 0);
    for line in text.split_inclusive('\n') {
        let inner = without_containers(line).trim_end();
        let start = at + line.len() - without_containers(line).len();
        at += line.len();
        if !inner.starts_with('<') {
            continue;
        }
        marked.push_str(&text[copied..start]);
        copied = start;
        if is_tag_line(inner) {
            marked.push_str(hidden::TAGS_PREFIX);
            marked.push(hidden::TAGS);
            let mut from = 0;
            while let Some((start, end, _)) = first_block_tag(&inner[from..]) {
                marked.push_str(&inner[from..from + start]);
                hidden::push(&mut marked, &inner[from + start..from + end]);
                from += end;
            }
            marked.push_str(&inner[from..]);
            copied += inner.len();
        } else if is_line_break(inner) || inline_tag(inner).is_some() {
            marked.push(hidden::LINE);
        }
    }
    if copied == 0 && marked.is_empty() {
        return Cow::Borrowed(text);
    }
    marked.push_str(&text[copied..]);
    Cow::Owned(marked)
}

/// Whether a line begins with a block tag. Nothing may follow the end of an element.
fn is_tag_line(line: &str) -> bool {
    let Some((length, tag)) = block_tag(line) else { return false };
    let rest = match tag {
        BlockTag::SummaryEnd => &line[length..],
        _ => line.to_ascii_lowercase().find("</details>").map_or("", |at| &line[at + "</details>".len()..]),
    };
    rest.trim().is_empty()
}
