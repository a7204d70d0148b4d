//! Fences within a Markdown file that is shown in a fence.
//!
//! For `CommonMark` the first closing fence ends the file, although it closes an inner block. Within such a file, a
//! fence with a language opens an inner block. A fence without one closes the file if a blank line follows; otherwise
//! it opens an inner block, if the next fence can close that.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{builder, hidden, source};

/// How far a fence without a language may be from the one that closes it, in bytes.
const MAX_DISTANCE: usize = 2 * 1024;

/// Maximum number of files in a text. More are read as `CommonMark` says.
const MAX_FILES: usize = 32;

/// The open blocks of a fenced code block.
#[derive(Debug)]
pub(crate) struct Nesting {
    delimiter: u8,
    /// The outer block first.
    open: Vec<Fence>,
    /// The quotes around the outer block.
    quotes: usize,
    /// The maximum indentation of a fence.
    indent: usize,
}

#[derive(Debug)]
struct Fence {
    length: usize,
    is_markdown: bool,
}

/// What a line of a code block is.
#[derive(PartialEq, Eq)]
pub(crate) enum Line {
    /// Code.
    Code,
    /// Code, although it looks like the closing fence.
    Inner,
    /// The closing fence.
    Closing,
    /// The closing fence, unless what follows makes it an inner one.
    Undecided,
}

impl Nesting {
    /// The block that a top-level fence opens.
    pub(crate) fn new(delimiter: u8, length: usize, language: Option<&str>) -> Self {
        let open = vec![Fence { length, is_markdown: language.is_some_and(is_markdown) }];
        Self { delimiter, open, quotes: 0, indent: 3 }
    }

    /// Takes the next line, given without its line break, and the complete lines that follow it.
    pub(crate) fn next(&mut self, line: &str, following: &str) -> Line {
        let Some((length, info)) = self.fence(line) else { return Line::Code };
        let Some(top) = self.open.last() else { return Line::Closing };
        let is_outermost = self.open.len() == 1;
        if !info.is_empty() {
            if !top.is_markdown || info.trim().is_empty() {
                return Line::Code;
            }
            self.open.push(Fence {
                length,
                is_markdown: builder::language(info).as_deref().is_some_and(is_markdown),
            });
            return Line::Inner;
        }
        if length < top.length {
            return Line::Code;
        }
        if top.is_markdown {
            match self.opens_block(following) {
                Some(true) => {
                    self.open.push(Fence { length, is_markdown: false });
                    return Line::Inner;
                }
                None if is_outermost => return Line::Undecided,
                _ => {}
            }
        }
        if is_outermost {
            return Line::Closing;
        }
        self.open.pop();
        Line::Inner
    }

    /// Whether a fence without a language opens a block; `None` if the lines after it do not tell yet.
    fn opens_block(&self, following: &str) -> Option<bool> {
        if following.lines().next()?.trim_matches([' ', '\t', '>']).is_empty() {
            return Some(false);
        }
        let mut distance = 0;
        for line in following.lines() {
            if let Some((_, info)) = self.fence(line) {
                return Some(info.is_empty());
            }
            distance += line.len() + 1;
            if distance > MAX_DISTANCE {
                return Some(false);
            }
        }
        None
    }

    /// The length and the info string of a fence that concerns the outer block.
    fn fence<'a>(&self, line: &'a str) -> Option<(usize, &'a str)> {
        let mut line = line;
        for _ in 0..self.quotes {
            line = line.trim_start_matches(' ').strip_prefix('>')?;
        }
        let text = line.trim_start_matches(' ');
        let length = text.bytes().take_while(|byte| *byte == self.delimiter).count();
        let info = text[length..].trim_matches(' ');
        let is_fence = length >= self.open.first()?.length
            && line.len() - text.len() <= self.indent
            && !(self.delimiter == b'`' && info.contains('`'));
        is_fence.then_some((length, info))
    }
}

/// A text whose inner fences do not look like fences.
pub(crate) struct Protected<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The start of the first line with a file whose end may still change.
    pub(crate) undecided: Option<usize>,
}

/// Protects the inner fences in a text.
pub(crate) fn protect(text: &str) -> Protected<'_> {
    let mut protected = Protected { text: Cow::Borrowed(text), undecided: None };
    let may_open = |line: &str| {
        let fence = line.find("```").or_else(|| line.find("~~~"));
        fence.is_some_and(|at| {
            is_markdown(
                line[at..].trim_matches(['`', '~', ' ']).split([' ', '\t', ',']).next().unwrap_or_default(),
            )
        })
    };
    if !text.lines().any(may_open) {
        return protected;
    }
    let mut from = 0;
    for _ in 0..MAX_FILES {
        let text = protected.text.as_ref();
        let Some(file) = File::find(text, from) else { break };
        let (inner, end, is_certain) = file.lines(text);
        from = end.unwrap_or(file.content);
        if !is_certain && protected.undecided.is_none() {
            // Nothing before this file was changed by more than insertions, which do not count.
            let mut offset = source::line_start(text, file.fence);
            hidden::written_offsets(text, std::iter::once(&mut offset));
            protected.undecided = Some(offset);
        }
        if end.is_some() && !inner.is_empty() {
            let mut changed = String::with_capacity(text.len() + inner.len() * 4);
            let mut copied = 0;
            for at in &inner {
                changed.push_str(&text[copied..*at]);
                changed.push(hidden::LINE);
                copied = *at;
            }
            changed.push_str(&text[copied..]);
            from += inner.len() * hidden::LINE.len_utf8();
            protected.text = Cow::Owned(changed);
        }
    }
    protected
}

/// A fenced Markdown file.
struct File {
    /// The offset of the opening fence.
    fence: usize,
    /// The offset of the line after it.
    content: usize,
    is_in_item: bool,
}

impl File {
    fn find(text: &str, from: usize) -> Option<Self> {
        let mut items = 0_usize;
        for (event, range) in Parser::new_ext(text, builder::OPTIONS).into_offset_iter() {
            match event {
                Event::Start(Tag::Item) => items += 1,
                Event::End(TagEnd::Item) => items -= 1,
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                    if range.start >= from
                        && builder::language(&info).as_deref().is_some_and(is_markdown) =>
                {
                    let line = text[range.start..].find('\n')?;
                    let content = range.start + line + 1;
                    return Some(Self { fence: range.start, content, is_in_item: items > 0 });
                }
                _ => {}
            }
        }
        None
    }

    /// Where the inner fences are, the end of the file if it has one, and whether more text cannot change that.
    fn lines(&self, text: &str) -> (Vec<usize>, Option<usize>, bool) {
        let opening = &text[self.fence..];
        let before = &text[source::line_start(text, self.fence)..self.fence];
        let delimiter = opening.bytes().next().unwrap_or(b'`');
        let length = opening.bytes().take_while(|byte| *byte == delimiter).count();
        let mut nesting = Nesting::new(delimiter, length, Some("markdown"));
        nesting.quotes = before.bytes().filter(|byte| *byte == b'>').count();
        nesting.indent = before.len() + 3;
        let mut inner = Vec::new();
        let mut at = self.content;
        for line in text[self.content..].split_inclusive('\n') {
            let start = at;
            at += line.len();
            if self.is_left_by(line, nesting.quotes) {
                return (inner, None, true);
            }
            match nesting.next(line.trim_end_matches('\n'), &text[at..]) {
                Line::Code => {}
                Line::Inner => inner.push(start + line.len() - line.trim_start_matches([' ', '>']).len()),
                Line::Closing => return (inner, Some(at), true),
                Line::Undecided => return (inner, Some(at), false),
            }
        }
        (inner, None, false)
    }

    /// Whether a line is outside the containers of the file.
    fn is_left_by(&self, line: &str, quotes: usize) -> bool {
        if quotes > 0 {
            return !line.trim_start_matches(' ').starts_with('>');
        }
        self.is_in_item && !line.trim().is_empty() && !line.starts_with("  ") && !line.starts_with('\t')
    }
}

fn is_markdown(language: &str) -> bool {
    ["markdown", "md", "mdx"].iter().any(|name| language.eq_ignore_ascii_case(name))
}
