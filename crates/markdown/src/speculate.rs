//! Guesses what an unfinished text will become.
//!
//! The tail of a reply may end anywhere: inside `**bold`, inside a link's address, after the first dash of a list.
//! Shown unchanged, marks would flash up and vanish. [`complete`] closes open marks and holds back those whose meaning
//! is not known yet. No guess is kept: each tail is completed from the original text.

use std::borrow::Cow;

use crate::{Block, Inline, url};

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
    complete_marks(if is_undecided(last_line) { &tail[..last_line_start] } else { tail })
}

/// Turns a bare address at the end of the text back into text, because it may still grow.
pub(crate) fn unlink_end(blocks: &mut [Block], text: &str) {
    if text.ends_with(char::is_whitespace) {
        return;
    }
    match blocks.last_mut() {
        Some(Block::Paragraph(content) | Block::Heading { content, .. }) => unlink_last(content),
        Some(Block::Quote(inner) | Block::Footnote { blocks: inner, .. }) => unlink_end(inner, text),
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
        Some(Inline::Link { content: label, .. }) => {
            let bare =
                matches!(label.as_slice(), [Inline::Text(text)] if url::strip_web_scheme(text).is_some());
            if bare {
                let label = std::mem::take(label);
                content.pop();
                content.extend(label);
            }
        }
        Some(Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner)) => {
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

/// Maximum number of open marks; more are not emphasis, and tracking them would be slow.
const MAX_OPENERS: usize = 32;

/// An opening mark that has not been closed.
struct Opener {
    delimiter: u8,
    length: usize,
    start: usize,
}

/// Scans the text of the last paragraph, heading, item or cell and tracks which marks are open.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    openers: Vec<Opener>,
    /// The start of an incomplete link: its bracket, or the `!` before it.
    bracket: Option<usize>,
    /// An open code span or formula, in which other marks have no meaning.
    verbatim: Option<Opener>,
    in_row: bool,
    /// The end of the text to show.
    keep: usize,
    /// The end of the label of a link whose address is incomplete.
    label_end: Option<usize>,
}

fn complete_marks(tail: &str) -> Cow<'_, str> {
    if !tail.bytes().any(|byte| matches!(byte, b'*' | b'_' | b'~' | b'`' | b'[' | b'$' | b'\\')) {
        return Cow::Borrowed(tail);
    }
    let mut scanner = Scanner {
        text: tail,
        at: 0,
        openers: Vec::new(),
        bracket: None,
        verbatim: None,
        in_row: false,
        keep: tail.len(),
        label_end: None,
    };
    scanner.scan();
    scanner.completed()
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) {
        self.begin_line();
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.begin_line();
                }
                b'`' => self.code(),
                b'$' if self.text[self.at..].starts_with("$$") => self.verbatim_run(b'$', 2),
                b'\\' => self.backslash(),
                _ if self.verbatim.is_some() => self.at += 1,
                b'|' if self.in_row => {
                    self.forget();
                    self.at += 1;
                }
                b'*' | b'_' | b'~' => self.delimiters(byte),
                b'[' => self.open_bracket(),
                b']' => self.close_bracket(),
                _ => self.at += 1,
            }
        }
    }

    /// Skips the containers of a line. Marks do not span blocks or cells.
    fn begin_line(&mut self) {
        let line = self.text[self.at..].split('\n').next().unwrap_or_default();
        let inner = without_containers(line);
        if self.is_in_formula() && !inner.is_empty() {
            return;
        }
        let begins_block =
            inner.len() < line.trim_start().len() || inner.is_empty() || inner.starts_with(['#', '|']);
        if begins_block || self.in_row {
            self.forget();
        }
        self.in_row = inner.starts_with('|');
        self.at += line.len() - inner.len();
    }

    fn forget(&mut self) {
        self.openers.clear();
        self.bracket = None;
        self.verbatim = None;
    }

    fn run_length(&self, byte: u8) -> usize {
        self.text.as_bytes()[self.at..].iter().take_while(|other| **other == byte).count()
    }

    fn code(&mut self) {
        self.verbatim_run(b'`', self.run_length(b'`'));
    }

    fn verbatim_run(&mut self, delimiter: u8, length: usize) {
        match &self.verbatim {
            None => self.verbatim = Some(Opener { delimiter, length, start: self.at }),
            Some(open) if open.delimiter == delimiter && open.length == length => self.verbatim = None,
            Some(_) => {}
        }
        self.at += length;
    }

    /// A backslash escapes the next character, or begins or ends a formula with it.
    fn backslash(&mut self) {
        let next = self.text.as_bytes().get(self.at + 1).copied();
        let is_pair = next.is_some_and(|next| next.is_ascii());
        match (&self.verbatim, next) {
            (Some(open), _) if !self.is_in_formula() || open.delimiter == b'$' => {
                self.at += 1;
                return;
            }
            (Some(open), Some(next)) if next == open.delimiter => self.verbatim = None,
            (None, Some(b'(')) => self.verbatim = Some(Opener { delimiter: b')', length: 2, start: self.at }),
            (None, Some(b'[')) => self.verbatim = Some(Opener { delimiter: b']', length: 2, start: self.at }),
            (None, None) => self.keep = self.at,
            _ => {}
        }
        self.at += if is_pair { 2 } else { 1 };
    }

    fn is_in_formula(&self) -> bool {
        self.verbatim.as_ref().is_some_and(|open| open.delimiter != b'`')
    }

    fn delimiters(&mut self, delimiter: u8) {
        let start = self.at;
        let length = self.run_length(delimiter);
        self.at += length;
        let before = self.text[..start].chars().next_back().unwrap_or(' ');
        let Some(after) = self.text[self.at..].chars().next() else {
            self.last_run(delimiter, length, start, before);
            return;
        };
        let within_word = before.is_alphanumeric() && after.is_alphanumeric();
        if (delimiter == b'_' && within_word) || (delimiter == b'~' && length != 2) {
            return;
        }
        let closes =
            !before.is_whitespace() && self.openers.iter().any(|opener| opener.delimiter == delimiter);
        if closes {
            self.close(delimiter, length);
        } else if !after.is_whitespace() {
            self.openers.push(Opener { delimiter, length, start });
            if self.openers.len() > MAX_OPENERS {
                self.openers.clear();
            }
        }
    }

    /// A run of delimiters at the end of the text closes the last open mark if it is long enough. Otherwise it is held
    /// back, because it may open a mark or be the first half of a closing one.
    fn last_run(&mut self, delimiter: u8, length: usize, start: usize, before: char) {
        let open =
            self.openers.last().filter(|opener| opener.delimiter == delimiter).map(|opener| opener.length);
        if !before.is_whitespace() && open.is_some_and(|open| length >= open) {
            self.close(delimiter, length);
        } else {
            self.keep = start;
        }
    }

    fn close(&mut self, delimiter: u8, mut length: usize) {
        while length > 0 {
            let Some(index) = self.openers.iter().rposition(|opener| opener.delimiter == delimiter) else {
                return;
            };
            self.openers.truncate(index + 1);
            let Some(opener) = self.openers.last_mut() else { return };
            let used = length.min(opener.length);
            opener.length -= used;
            length -= used;
            if opener.length == 0 {
                self.openers.pop();
            }
        }
    }

    fn open_bracket(&mut self) {
        let before = self.text[..self.at].chars().next_back().unwrap_or(' ');
        // After an ASCII letter or digit, a bracket is usually an index. Text without spaces may have a link there.
        if !before.is_ascii_alphanumeric() {
            self.bracket = Some(if before == '!' { self.at - 1 } else { self.at });
        }
        self.at += 1;
    }

    fn close_bracket(&mut self) {
        let label_end = self.at;
        self.at += 1;
        if self.bracket.is_none() {
            return;
        }
        match self.text.as_bytes().get(self.at) {
            None => self.label_end = Some(label_end),
            Some(b'(') => {
                if let Some(length) = destination_len(&self.text[self.at..]) {
                    self.at += length;
                    self.bracket = None;
                } else {
                    self.label_end = Some(label_end);
                    self.at = self.text.len();
                }
            }
            Some(_) => self.bracket = None,
        }
    }

    fn completed(mut self) -> Cow<'a, str> {
        self.keep = self.keep.min(self.label_end.unwrap_or(self.keep));
        if self.verbatim.is_none() && self.openers.is_empty() && self.bracket.is_none() {
            return Cow::Borrowed(&self.text[..self.keep]);
        }
        let mut text = self.text[..self.keep].to_owned();
        if let Some(open) = self.verbatim.take() {
            close_verbatim(&mut text, &open);
        }
        while let Some(opener) = self.openers.pop() {
            let content = text.trim_end().len();
            if content <= opener.start + opener.length {
                text.truncate(opener.start);
            } else {
                text.truncate(content);
                text.extend(std::iter::repeat_n(char::from(opener.delimiter), opener.length));
            }
        }
        if let Some(bracket) = self.bracket.filter(|bracket| *bracket < text.len()) {
            let length = if text.as_bytes()[bracket] == b'!' { 2 } else { 1 };
            text.replace_range(bracket..(bracket + length).min(text.len()), "");
        }
        Cow::Owned(text)
    }
}

/// Closes a code span or a formula. An empty one is held back, and so is an incomplete closing mark.
fn close_verbatim(text: &mut String, open: &Opener) {
    let delimiter = char::from(open.delimiter);
    let closing = match delimiter {
        ')' | ']' => format!("\\{delimiter}"),
        _ => delimiter.to_string().repeat(open.length),
    };
    let content_start = open.start + open.length;
    let half = closing.chars().next().unwrap_or(delimiter);
    let content = text.get(content_start..).unwrap_or_default().trim_end_matches(half);
    if content.trim().is_empty() {
        text.truncate(open.start);
    } else {
        text.truncate(content_start + content.len());
        text.push_str(&closing);
    }
}

/// The length of a link's destination, including the parentheses; `None` if it is incomplete.
fn destination_len(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}
