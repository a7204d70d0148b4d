//! Incremental parsing of a growing text.

use std::sync::Arc;

use crate::{
    Block, Delimiters, Inline, Item,
    builder::{self, Outline},
    nested::{Line, Nesting},
    source, speculate,
};

/// Maximum size of a tail that is parsed on every call, in bytes. A larger one is parsed only after it has grown by a
/// [`GROWTH`]th, so that one endless paragraph does not cost more with every word.
const LARGE_TAIL: usize = 16 * 1024;

/// The same limit for checking whether the open block has ended.
const LARGE_OPEN_BLOCK: usize = 4 * 1024;

const GROWTH: usize = 16;

/// Parses a Markdown text while it arrives.
///
/// ```
/// use kaiwa_markdown::{Block, Stream, Tail, parse};
///
/// let mut stream = Stream::new();
/// assert!(stream.push("# Title\nSome **bo").len() == 1, "the heading is complete, the paragraph is not");
/// assert!(matches!(stream.tail(), Tail::Blocks(blocks) if matches!(blocks[..], [Block::Paragraph(_)])));
/// stream.push("ld** text");
/// assert_eq!(stream.finish().blocks, parse("# Title\nSome **bold** text"));
/// ```
#[derive(Debug, Default)]
pub struct Stream {
    text: String,
    after_return: bool,
    sealed: Vec<Block>,
    tail_start: usize,
    /// The end of the complete lines that have been examined.
    examined: usize,
    open: Open,
    drawn: Option<Drawn>,
    parsed_bytes: u64,
}

/// The block that the tail continues.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Unknown,
    /// A fenced code block; the tail starts after its opening line.
    Fence { language: Option<String>, delimiter: u8, nesting: Nesting },
    /// A list, some of whose items have ended.
    List(OpenList),
}

/// A list; the tail starts at its last item.
#[derive(Debug)]
struct OpenList {
    start: Option<u64>,
    tight: bool,
    ended: Vec<Arc<Item>>,
    /// A one-word item that is parsed in front of the tail. The parser reveals whether a list is tight only through the
    /// paragraphs in it, and the items in the tail may have none.
    witness: String,
}

/// The last parse of a large tail.
#[derive(Debug)]
struct Drawn {
    tail_start: usize,
    end: usize,
    blocks: Vec<Block>,
}

/// The part of the text after the sealed blocks.
#[derive(Debug, PartialEq, Eq)]
pub enum Tail<'a> {
    /// Open blocks, completed to what they will probably become. An incomplete link is text.
    Blocks(Vec<Block>),
    /// An open fenced code block. Until it is sealed, its code only grows, so a view only has to append the new part.
    Code {
        /// The first word after the opening fence.
        language: Option<&'a str>,
        /// The code so far.
        code: &'a str,
    },
}

/// The result of a finished stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Finish {
    /// The tree of the whole text, as [`crate::parse`] returns it.
    pub blocks: Vec<Block>,
    /// The indexes, in ascending order, of the sealed blocks that differ from the block with the same index in
    /// `blocks`. Later text has changed their meaning: a link's address or a footnote. The blocks after the sealed ones
    /// replace the tail.
    pub changed: Vec<usize>,
}

impl Stream {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the next piece of the text and returns the blocks that it sealed.
    pub fn push(&mut self, piece: &str) -> &[Block] {
        let before = self.sealed.len();
        source::append(&mut self.text, &mut self.after_return, piece);
        while self.advance() {}
        &self.sealed[before..]
    }

    /// The blocks sealed so far. They never change before the stream is finished.
    pub fn sealed(&self) -> &[Block] {
        &self.sealed
    }

    /// The text so far, with `\n` as its line ending.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The total number of bytes that were parsed; a byte that was parsed twice counts twice. It measures work
    /// independently of the machine.
    pub fn parsed_bytes(&self) -> u64 {
        self.parsed_bytes
    }

    /// The part of the text after the sealed blocks.
    pub fn tail(&mut self) -> Tail<'_> {
        let mut blocks =
            if matches!(self.open, Open::Fence { .. }) { Vec::new() } else { self.open_blocks() };
        match &self.open {
            Open::Unknown => {}
            Open::List(list) => continue_list(&mut blocks, list.start, list.tight, list.ended.clone()),
            Open::Fence { language, delimiter, .. } => {
                // A closing fence that may still be an inner one is shown once a line follows.
                let is_followed = self.text[self.examined..].trim_end().contains('\n');
                let end = if is_followed {
                    self.text.len()
                } else {
                    self.text[self.examined..].find('\n').map_or(self.text.len(), |_| self.examined)
                };
                let code = without_possible_fence(&self.text[self.tail_start..end], *delimiter);
                return Tail::Code { language: language.as_deref(), code };
            }
        }
        Tail::Blocks(blocks)
    }

    /// Ends the stream. Returns the tree of the whole text, and which sealed blocks have to be replaced.
    pub fn finish(self) -> Finish {
        let blocks = builder::build(&self.text).blocks;
        let pairs = self.sealed.iter().zip(&blocks).enumerate();
        let changed =
            pairs.filter(|(_, (sealed, definitive))| sealed != definitive).map(|(index, _)| index).collect();
        Finish { blocks, changed }
    }

    fn open_blocks(&mut self) -> Vec<Block> {
        let tail = &self.text[self.tail_start..];
        if let Some(drawn) = &self.drawn
            && drawn.tail_start == self.tail_start
            && (self.text.len() - drawn.end) * GROWTH < tail.len()
        {
            let mut blocks = drawn.blocks.clone();
            if let Some(Block::Paragraph(content)) = blocks.last_mut() {
                content.push(Inline::Text(self.text[drawn.end..].to_owned()));
            }
            return blocks;
        }
        let completed = speculate::complete(tail);
        self.parsed_bytes += completed.len() as u64;
        let mut blocks = self.outline(&completed).blocks;
        speculate::unlink_end(&mut blocks, &completed);
        self.drawn = (tail.len() > LARGE_TAIL).then(|| Drawn {
            tail_start: self.tail_start,
            // The parser drops trailing spaces, but a word may still follow them.
            end: self.text.trim_end().len(),
            blocks: blocks.clone(),
        });
        blocks
    }

    /// Examines the complete lines of the tail. Returns whether to call it again.
    fn advance(&mut self) -> bool {
        if matches!(self.open, Open::Fence { .. }) {
            return self.advance_fence();
        }
        let Some(end) = self.text[self.examined..].rfind('\n').map(|newline| self.examined + newline + 1)
        else {
            return false;
        };
        if matches!(self.open, Open::Unknown) {
            self.skip_blank_lines(end);
            if self.open_fence() {
                return true;
            }
        }
        if !self.is_worth_parsing(end) {
            return false;
        }
        self.examined = end;
        let tail_start = self.tail_start;
        self.parsed_bytes += (end - tail_start) as u64;
        let mut outline = self.outline(&self.text[tail_start..end]);
        let mut end = end;
        while let Some(undecided) = outline.undecided {
            end = tail_start + undecided;
            outline = self.outline(&self.text[tail_start..end]);
        }
        self.seal(outline, end);
        // The lines that remain have just been parsed, so only a fence can still be found in them.
        self.tail_start > tail_start && self.open_fence()
    }

    /// Parses a text as if it were the tail.
    fn outline(&self, text: &str) -> Outline {
        let Open::List(OpenList { witness, .. }) = &self.open else { return builder::build(text) };
        let mut outline = builder::build(&format!("{witness}{text}"));
        if outline.blocks.len() == 1 && !outline.item_starts.is_empty() {
            outline.item_starts.remove(0);
        }
        if let Some(Block::List { items, .. }) = outline.blocks.first_mut()
            && !items.is_empty()
        {
            items.remove(0);
        }
        let offsets = outline.starts.iter_mut().chain(&mut outline.item_starts).chain(&mut outline.undecided);
        for start in offsets {
            *start = start.saturating_sub(witness.len());
        }
        outline
    }

    fn skip_blank_lines(&mut self, end: usize) {
        while let Some(line) = self.text[self.tail_start..end].split_inclusive('\n').next() {
            if !is_blank(line) {
                break;
            }
            self.tail_start += line.len();
        }
        self.examined = self.examined.max(self.tail_start);
    }

    /// Whether to check now if the open block has ended: it probably has, or much of the tail is new.
    fn is_worth_parsing(&self, end: usize) -> bool {
        let tail = end - self.tail_start;
        let fresh = &self.text[self.examined..end];
        tail > 0
            && !fresh.is_empty()
            && (tail <= LARGE_OPEN_BLOCK
                || fresh.len() * GROWTH >= tail
                || fresh.split_inclusive('\n').any(is_blank))
    }

    /// Seals all blocks that have ended in the complete lines up to `end`.
    fn seal(&mut self, outline: Outline, end: usize) {
        let source = &self.text[self.tail_start..end];
        let Outline { mut blocks, starts, item_starts, .. } = outline;
        let after_blank_line = source.lines().next_back().is_some_and(is_blank);
        let ended = match blocks.last() {
            None | Some(Block::Table { .. }) => after_blank_line,
            Some(Block::Heading { .. } | Block::Rule) => true,
            Some(block @ (Block::Quote(_) | Block::Alert { .. })) => {
                after_blank_line && !ends_in_empty_alert(block)
            }
            Some(block) if is_paragraph(block) => after_blank_line,
            Some(_) => false,
        };
        let last = if ended { None } else { blocks.pop() };
        let mut next = match (&last, starts.last()) {
            (Some(_), Some(start)) => source::line_start(source, *start),
            (None, _) if ended => source.len(),
            _ => 0,
        };
        if !blocks.is_empty() {
            if let Open::List(list) = std::mem::take(&mut self.open) {
                continue_list(&mut blocks, list.start, list.tight, list.ended);
            }
            self.sealed.append(&mut blocks);
        }
        if let Some(Block::List { start, tight, items }) = last
            && let Some(item_start) = item_starts.last()
            && (matches!(self.open, Open::List(_)) || shows_tightness(&items))
        {
            let item_start = source::line_start(source, *item_start);
            let witness = format!("{} x\n", list_marker(&source[item_start..]));
            if self.settle(start, tight, items, witness) {
                next = item_start;
            }
        }
        self.tail_start += next;
    }

    /// Moves the items that have ended, all but the last, into the open list. Returns whether there were any.
    fn settle(
        &mut self,
        start: Option<u64>,
        tight: bool,
        mut items: Vec<Arc<Item>>,
        witness: String,
    ) -> bool {
        if items.len() < 2 {
            return false;
        }
        items.pop();
        if let Open::List(list) = &mut self.open {
            list.tight &= tight;
            list.ended.append(&mut items);
            list.witness = witness;
        } else {
            self.open = Open::List(OpenList { start, tight, ended: items, witness });
        }
        true
    }

    /// Opens a code block if the tail starts with a complete opening line. An indented one is left to the parser, which
    /// removes the indentation from the code.
    fn open_fence(&mut self) -> bool {
        if !matches!(self.open, Open::Unknown) {
            return false;
        }
        let tail = &self.text[self.tail_start..];
        let Some(line) = tail.split_inclusive('\n').next().filter(|line| line.ends_with('\n')) else {
            return false;
        };
        let Some(delimiter) = line.bytes().next().filter(|byte| matches!(byte, b'`' | b'~')) else {
            return false;
        };
        let length = line.bytes().take_while(|byte| *byte == delimiter).count();
        if length < 3 {
            return false;
        }
        // The parser decides whether this is a fence, and its language.
        let mut blocks = builder::build(line).blocks;
        self.parsed_bytes += line.len() as u64;
        let language = match blocks.pop() {
            Some(Block::Code { language, .. }) => language,
            Some(Block::Math(formula)) if formula.delimiters == Delimiters::Fence => Some("math".to_owned()),
            _ => return false,
        };
        let nesting = Nesting::new(delimiter, length, language.as_deref());
        self.open = Open::Fence { language, delimiter, nesting };
        self.tail_start += line.len();
        self.examined = self.tail_start;
        true
    }

    fn advance_fence(&mut self) -> bool {
        let Open::Fence { nesting, .. } = &mut self.open else { return false };
        let end = self.text.rfind('\n').map_or(0, |newline| newline + 1);
        while let Some(newline) = self.text.get(self.examined..end).and_then(|lines| lines.find('\n')) {
            let start = self.examined;
            let line = &self.text[start..start + newline];
            let following = start + newline + 1;
            match nesting.next(line, &self.text[following..end]) {
                Line::Undecided => return false,
                Line::Closing => {
                    if let Open::Fence { language, .. } = std::mem::take(&mut self.open) {
                        let code = self.text[self.tail_start..start].to_owned();
                        self.sealed.push(builder::code_block(language, code));
                    }
                    self.examined = following;
                    self.tail_start = following;
                    return true;
                }
                Line::Code | Line::Inner => self.examined = following,
            }
        }
        false
    }
}

/// Puts the items that have ended in front of the first block, which continues their list.
fn continue_list(blocks: &mut Vec<Block>, start: Option<u64>, tight: bool, mut ended: Vec<Arc<Item>>) {
    if let Some(Block::List { start: first, tight: rest_tight, items }) = blocks.first_mut() {
        ended.append(items);
        *items = ended;
        *first = start;
        *rest_tight &= tight;
    } else {
        blocks.insert(0, Block::List { start, tight, items: ended });
    }
}

/// Whether an item that has ended contains a paragraph, through which the parser reveals whether the list is tight. The
/// last item does not count, because its text may still become a heading.
fn shows_tightness(items: &[Arc<Item>]) -> bool {
    let ended = items.split_last().map_or(items, |(_, ended)| ended);
    let mut blocks = ended.iter().flat_map(|item| &item.blocks);
    blocks.any(is_paragraph)
}

/// Whether a block ends in an alert without content, which the parser continues even after a blank line.
fn ends_in_empty_alert(block: &Block) -> bool {
    match block {
        Block::Alert { blocks, .. } | Block::Quote(blocks) => match blocks.last() {
            None => matches!(block, Block::Alert { .. }),
            Some(last) => ends_in_empty_alert(last),
        },
        Block::List { items, .. } => {
            items.last().and_then(|item| item.blocks.last()).is_some_and(ends_in_empty_alert)
        }
        _ => false,
    }
}

/// Whether the parser reports a block as a paragraph.
fn is_paragraph(block: &Block) -> bool {
    match block {
        Block::Paragraph(_) => true,
        Block::Math(formula) => formula.delimiters != Delimiters::Fence,
        _ => false,
    }
}

/// The list marker at the start of a line, with its indentation.
fn list_marker(line: &str) -> &str {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let digits = line[indent..].bytes().take_while(u8::is_ascii_digit).count();
    line.get(..=indent + digits).unwrap_or_default()
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n'))
}

/// The code without a last line that may turn out to be the closing fence.
fn without_possible_fence(code: &str, delimiter: u8) -> &str {
    let start = source::line_start(code, code.len());
    let line = code[start..].trim_matches(' ');
    if line.bytes().all(|byte| byte == delimiter) { &code[..start] } else { code }
}
