//! Guesses what an unfinished text will become.
//!
//! The tail of a reply may end anywhere: inside `**bold`, inside a link's address, after the first dash of a list.
//! Shown unchanged, marks would flash up and vanish. [`complete`] closes open marks and holds back those whose meaning
//! is not known yet. No guess is kept: each tail is completed from the original text.

mod marks;

use std::borrow::Cow;

use self::marks::complete_marks;
use crate::{Block, Inline, autolink, tags};

/// Closes the open marks of the tail.
pub(crate) fn complete(tail: &str) -> Cow<'_, str> {
    let last_line_start = crate::source::line_start(tail, tail.len());
    let last_line = &tail[last_line_start..];
    if let Some(fence) = open_fence(&tail[..last_line_start]) {
        let may_close = !last_line.trim().is_empty() && last_line.trim().bytes().all(|byte| byte == fence);
        return Cow::Borrowed(if may_close { &tail[..last_line_start] } else { tail });
    }
    if let Some(table) = complete_table_head(tail, last_line_start) {
        return Cow::Owned(table);
    }
    if is_undecided(last_line) || is_partial_tag_line(last_line) {
        return complete_marks(&tail[..last_line_start]);
    }
    complete_marks(tail)
}

/// Turns a bare address at the end of the text back into text, because it may still grow.
pub(crate) fn unlink_end(blocks: &mut [Block], text: &str) {
    if text.ends_with(char::is_whitespace) {
        return;
    }
    match blocks.last_mut() {
        Some(Block::Paragraph(content) | Block::Heading { content, .. }) => unlink_last(content),
        Some(
            Block::Quote(inner)
            | Block::Alert { blocks: inner, .. }
            | Block::Details { blocks: inner, .. }
            | Block::Footnote { blocks: inner, .. },
        ) => unlink_end(inner, text),
        Some(Block::List { items, .. }) => {
            if let Some(item) = items.last_mut().and_then(std::sync::Arc::get_mut) {
                unlink_end(&mut item.blocks, text);
            }
        }
        Some(Block::Table { head, rows, .. }) => {
            let row = rows.last_mut().unwrap_or(head);
            row.iter_mut().rfind(|cell| !cell.is_empty()).into_iter().for_each(unlink_last);
        }
        _ => {}
    }
}

fn unlink_last(content: &mut Vec<Inline>) {
    match content.last_mut() {
        Some(Inline::Link { href: Some(href), content: label, .. }) => {
            if matches!(label.as_slice(), [Inline::Text(text)] if autolink::is_bare(text, href)) {
                let label = std::mem::take(label);
                content.pop();
                content.extend(label);
            }
        }
        Some(
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner)
            | Inline::Tagged(_, inner),
        ) => {
            unlink_last(inner);
        }
        _ => {}
    }
}

/// The delimiter of the code block that is still open after these lines.
fn open_fence(lines: &str) -> Option<u8> {
    let mut open = None;
    for line in lines.lines() {
        let line = without_containers(line);
        let Some(delimiter) = line.bytes().next().filter(|byte| matches!(byte, b'`' | b'~')) else {
            continue;
        };
        let length = line.bytes().take_while(|byte| *byte == delimiter).count();
        let rest = &line[length..];
        open = match open {
            None if length >= 3 && !(delimiter == b'`' && rest.contains('`')) => Some((delimiter, length)),
            Some((d, l)) if d == delimiter && length >= l && rest.trim().is_empty() => None,
            unchanged => unchanged,
        };
    }
    open.map(|(delimiter, _)| delimiter)
}

/// A line without the markers of the quotes and lists around it.
pub(crate) fn without_containers(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let inner = rest.strip_prefix('>').or_else(|| without_list_marker(rest));
        match inner {
            Some(inner) => rest = inner.trim_start(),
            None => return rest,
        }
    }
}

fn without_list_marker(line: &str) -> Option<&str> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let marker = if (1..10).contains(&digits) {
        line[digits..].strip_prefix(['.', ')'])
    } else {
        line.strip_prefix(['-', '*', '+'])
    };
    marker.filter(|rest| rest.starts_with([' ', '\t']))
}

/// Whether the meaning of the last line is not known yet: it may become a list, a rule, a heading, the underline of a
/// heading, or a code block.
fn is_undecided(line: &str) -> bool {
    let inner = without_containers(line);
    if inner.starts_with("```") || inner.starts_with("~~~") {
        return true;
    }
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let rest = inner[digits..].strip_prefix(['.', ')']).unwrap_or(&inner[digits..]);
    digits < 4 && rest.bytes().all(|byte| b"-=*+_#`~|:>[ \t".contains(&byte))
}

/// Whether the last line may become a marker of an alert, or a line with a `<details>` or `<summary>` tag.
fn is_partial_tag_line(line: &str) -> bool {
    let inner = without_containers(line);
    let is_prefix_of = |whole: &str| {
        !inner.is_empty() && whole.get(..inner.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(inner))
    };
    let alerts = ["[!note]", "[!tip]", "[!important]", "[!warning]", "[!caution]"];
    (line.trim_start().starts_with('>') && alerts.into_iter().any(is_prefix_of))
        || tags::block_tags().any(is_prefix_of)
}

/// Completes a table whose delimiter row is missing or incomplete.
fn complete_table_head(tail: &str, last_line_start: usize) -> Option<String> {
    let last_line = &tail[last_line_start..];
    let mut before = tail[..last_line_start].lines().rev();
    let above = before.next().unwrap_or_default();
    let (head, head_start) = if last_line.starts_with('|') && above.trim().is_empty() {
        (last_line, last_line_start)
    } else if above.starts_with('|')
        && before.next().unwrap_or_default().trim().is_empty()
        && last_line.bytes().all(|byte| b"|:- ".contains(&byte))
    {
        (above, last_line_start - above.len() - 1)
    } else {
        return None;
    };
    let head = head.trim_end();
    if head.len() < 2 {
        return None;
    }
    let closed =
        if head.ends_with('|') && !head.ends_with("\\|") { head.to_owned() } else { format!("{head} |") };
    let columns = closed.replace("\\|", "").matches('|').count() - 1;
    Some(format!("{}{closed}\n|{}\n", &tail[..head_start], "---|".repeat(columns)))
}
