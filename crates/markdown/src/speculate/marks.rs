//! Closes open marks: emphasis, code, links, formulas and tags.

use std::borrow::Cow;

use super::without_containers;
use crate::{InlineTag, formula, tags};

/// Maximum number of open marks; more are not emphasis, and tracking them would be slow.
const MAX_OPENERS: usize = 32;

/// The delimiter of an [`Opener`] that is a tag.
const TAG: u8 = b'<';

/// An opening mark that has not been closed.
struct Opener {
    delimiter: u8,
    length: usize,
    start: usize,
}

/// An open code span or formula.
struct Verbatim {
    start: usize,
    /// The length of its opening mark.
    length: usize,
    closing: String,
    is_formula: bool,
}

/// Scans the text of the last paragraph, heading, item or cell and tracks which marks are open.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    openers: Vec<Opener>,
    /// The start of an incomplete link: its bracket, or the `!` before it.
    bracket: Option<usize>,
    /// An open code span or formula, in which other marks have no meaning.
    verbatim: Option<Verbatim>,
    in_row: bool,
    /// The end of the text to show.
    keep: usize,
    /// The end of the label of a link whose address is incomplete.
    label_end: Option<usize>,
}

/// Closes the open marks of a text without its undecided end.
pub(super) fn complete_marks(tail: &str) -> Cow<'_, str> {
    if !tail.bytes().any(|byte| matches!(byte, b'*' | b'_' | b'~' | b'`' | b'[' | b'$' | b'\\' | b'<')) {
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
                b'<' => self.tag(),
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
        let closing = char::from(delimiter).to_string().repeat(length);
        match &self.verbatim {
            None => self.open_verbatim(length, closing, delimiter == b'$'),
            Some(open) if open.closing == closing => self.verbatim = None,
            Some(_) => {}
        }
        self.at += length;
    }

    fn open_verbatim(&mut self, length: usize, closing: String, is_formula: bool) {
        self.verbatim = Some(Verbatim { start: self.at, length, closing, is_formula });
    }

    /// A backslash escapes the next character, or begins or ends a formula with what follows it.
    fn backslash(&mut self) {
        let rest = &self.text[self.at..];
        let next = rest.as_bytes().get(1).copied();
        match &self.verbatim {
            Some(open) if rest.starts_with(&open.closing) => {
                self.at += open.closing.len();
                self.verbatim = None;
                return;
            }
            // Code has no escapes, and dollar signs end a formula even after one.
            Some(open) if !open.is_formula || open.closing.starts_with('$') => {
                self.at += 1;
                return;
            }
            Some(_) => {}
            None => match next {
                Some(b'(') => self.open_verbatim(2, "\\)".to_owned(), true),
                Some(b'[') => self.open_verbatim(2, "\\]".to_owned(), true),
                Some(b'b') => return self.begin_environment(),
                None => self.keep = self.at,
                _ => {}
            },
        }
        self.at += if next.is_some_and(|next| next.is_ascii()) { 2 } else { 1 };
    }

    fn begin_environment(&mut self) {
        let rest = &self.text[self.at..];
        if let Some(name) = formula::environment(rest) {
            let length = "\\begin{}".len() + name.len();
            self.open_verbatim(length, format!("\\end{{{name}}}"), true);
            self.at += length;
        } else {
            let is_incomplete = "\\begin{".starts_with(rest)
                || rest
                    .strip_prefix("\\begin{")
                    .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*'));
            if is_incomplete {
                self.keep = self.keep.min(self.at);
            }
            self.at += 2;
        }
    }

    fn is_in_formula(&self) -> bool {
        self.verbatim.as_ref().is_some_and(|open| open.is_formula)
    }

    /// One of the tags that text may be between, or the beginning of one.
    fn tag(&mut self) {
        let rest = &self.text[self.at..];
        let start = self.at;
        self.at += 1;
        let Some(end) = rest.find('>') else {
            let may_become =
                |tag: &str| tag.get(..rest.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(rest));
            if tags::INLINE_TAGS.iter().any(|(_, open, close)| may_become(open) || may_become(close))
                || may_become("<br>")
            {
                self.keep = self.keep.min(start);
            }
            return;
        };
        let Some((tag, opens)) = tags::inline_tag(&rest[..=end]) else { return };
        self.at = start + end + 1;
        if opens {
            self.openers.push(Opener { delimiter: TAG, length: end + 1, start });
        } else if let Some(index) = self.openers.iter().rposition(|opener| self.tag_of(opener) == Some(tag)) {
            self.openers.truncate(index);
        }
    }

    /// The tag of an opener.
    fn tag_of(&self, opener: &Opener) -> Option<InlineTag> {
        let source =
            self.text.get(opener.start..opener.start + opener.length).filter(|_| opener.delimiter == TAG)?;
        tags::inline_tag(source).map(|(tag, _)| tag)
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
            } else if opener.delimiter == TAG {
                let source = &self.text[opener.start..opener.start + opener.length];
                text.push_str(&source.replacen('<', "</", 1));
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
fn close_verbatim(text: &mut String, open: &Verbatim) {
    let content_start = open.start + open.length;
    let mut content = text.get(content_start..).unwrap_or_default();
    let partial = (1..open.closing.len()).rev().find(|length| content.ends_with(&open.closing[..*length]));
    if let Some(length) = partial {
        content = &content[..content.len() - length];
    }
    if content.trim().is_empty() {
        text.truncate(open.start);
    } else {
        text.truncate(content_start + content.len());
        text.push_str(&open.closing);
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
