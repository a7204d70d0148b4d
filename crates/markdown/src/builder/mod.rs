//! Builds the tree from the parser's events.

mod frame;
mod nodes;
mod tags;

use std::{ops::Range, sync::Arc};

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag};

pub(crate) use self::nodes::{code_block, language};
use self::{
    frame::{Frame, Kind},
    nodes::{alert_kind, alignment, paragraph, plain},
};
use crate::{Block, Cell, ImageSource, Inline, Item, SafeUrl, autolink, formula, hidden, prepare::prepare};

pub(crate) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_GFM);

/// Maximum nesting. The tree is walked recursively on the small stack of a browser; deeper nodes are lifted to this
/// depth.
const MAX_DEPTH: usize = 48;

/// The tree of a text, and where its top-level blocks begin.
#[derive(Default)]
pub(crate) struct Outline {
    pub(crate) blocks: Vec<Block>,
    /// For each block, a byte offset within its first line.
    pub(crate) starts: Vec<usize>,
    /// The same for the items of the last top-level list.
    pub(crate) item_starts: Vec<usize>,
    /// The start of the first line whose meaning may still change, although later lines follow.
    pub(crate) undecided: Option<usize>,
}

/// Builds the tree of a normalised text.
pub(crate) fn build(text: &str) -> Outline {
    let prepared = prepare(text);
    let is_changed = prepared.text.len() != text.len();
    let mut builder = Builder::new(&prepared.text, is_changed);
    for (event, range) in Parser::new_ext(&prepared.text, OPTIONS).into_offset_iter() {
        builder.event(event, range);
    }
    let mut outline = builder.finish();
    outline.undecided = prepared.undecided;
    if is_changed {
        hidden::written_offsets(&prepared.text, outline.starts.iter_mut());
        hidden::written_offsets(&prepared.text, outline.item_starts.iter_mut());
    }
    outline
}

struct Builder<'a> {
    source: &'a str,
    is_changed: bool,
    frames: Vec<Frame>,
    /// How many of the open nodes are links.
    open_links: usize,
    outline: Outline,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, is_changed: bool) -> Self {
        let frames = vec![Frame::new(Kind::Document)];
        Self { source, is_changed, frames, open_links: 0, outline: Outline::default() }
    }

    fn finish(mut self) -> Outline {
        while self.frames.len() > 1 {
            self.close(self.source.len()..self.source.len());
        }
        if let Some(document) = self.frames.pop() {
            self.outline.blocks = document.blocks;
        }
        self.outline
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, &range),
            Event::End(_) => {
                self.close_tags();
                self.close(range);
            }
            // Formulas are found before, so the parser reports none.
            Event::Text(text) | Event::Html(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text);
            }
            Event::InlineHtml(html) => self.inline_html(&html),
            Event::Code(code) => {
                let code = self.strip(&code);
                self.inline(Inline::Code(code));
            }
            Event::FootnoteReference(label) => {
                let label = self.strip(&label);
                self.inline(Inline::FootnoteReference(label));
            }
            Event::SoftBreak if self.is_in_formula() => self.push_text("\n"),
            Event::SoftBreak | Event::HardBreak => self.inline(Inline::LineBreak),
            Event::Rule => {
                self.begin_block(range.start);
                self.add_block(Block::Rule);
            }
            Event::TaskListMarker(done) => self.check(done),
        }
    }

    fn open(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        let is_inline = matches!(
            tag,
            Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::TableCell
        );
        if !is_inline {
            self.begin_block(range.start);
        }
        if matches!(tag, Tag::Item) && self.frames.len() == 2 {
            self.outline.item_starts.push(range.start);
        }
        let depth = self.frames.len();
        let kind = match self.kind_of(tag, range) {
            // A list needs another level for its items.
            Kind::List { .. } if depth + 2 > MAX_DEPTH => Kind::Lifted,
            Kind::Item { .. } if !matches!(self.top().kind, Kind::List { .. }) => Kind::Lifted,
            Kind::Quote(_) | Kind::Footnote(_) if depth >= MAX_DEPTH => Kind::Lifted,
            Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Image { .. }
                if depth >= MAX_DEPTH =>
            {
                Kind::Transparent
            }
            Kind::Paragraph => {
                self.loosen();
                Kind::Paragraph
            }
            kind => kind,
        };
        self.open_links += usize::from(matches!(kind, Kind::Link { .. }));
        self.frames.push(Frame::new(kind));
    }

    fn kind_of(&self, tag: Tag<'_>, range: &Range<usize>) -> Kind {
        match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(level as u8),
            Tag::BlockQuote(kind) => Kind::Quote(kind.map(alert_kind)),
            Tag::CodeBlock(CodeBlockKind::Indented) => Kind::Code(None),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => Kind::Code(language(&self.strip(&info))),
            Tag::HtmlBlock => Kind::Html,
            Tag::List(start) => Kind::List { start, tight: true, items: Vec::new() },
            Tag::Item => Kind::Item { checked: None },
            Tag::FootnoteDefinition(label) => Kind::Footnote(self.strip(&label)),
            Tag::Table(alignments) => Kind::Table {
                alignments: alignments.into_iter().map(alignment).collect(),
                head: Vec::new(),
                rows: Vec::new(),
            },
            Tag::TableHead => Kind::Row { is_head: true, cells: Vec::new(), cells_end: range.start },
            Tag::TableRow => Kind::Row { is_head: false, cells: Vec::new(), cells_end: range.start },
            Tag::TableCell => Kind::Cell,
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Strikethrough if self.is_single_tilde(range) => Kind::Tilde,
            Tag::Strikethrough => Kind::Strikethrough,
            Tag::Link { link_type: LinkType::Email, dest_url, title, .. } => Kind::Link {
                href: SafeUrl::parse(&format!("mailto:{}", self.strip(&dest_url))),
                title: self.strip(&title),
            },
            Tag::Link { dest_url, title, .. } => {
                Kind::Link { href: SafeUrl::parse(&self.strip(&dest_url)), title: self.strip(&title) }
            }
            Tag::Image { dest_url, .. } => Kind::Image { src: ImageSource::parse(&self.strip(&dest_url)) },
            Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => Kind::Lifted,
            Tag::Superscript | Tag::Subscript => Kind::Transparent,
        }
    }

    /// Whether a strikethrough has single tildes. Between numbers that is a range (`3~5`), not a deletion.
    fn is_single_tilde(&self, range: &Range<usize>) -> bool {
        self.source.get(range.clone()).is_some_and(|source| !source.starts_with("~~"))
    }

    fn close(&mut self, range: Range<usize>) {
        let end = range.end;
        if self.top().kind.holds_blocks() {
            self.end_implicit_paragraph();
        }
        if self.frames.len() < 2 {
            return;
        }
        let Some(mut frame) = self.frames.pop() else { return };
        let is_link = matches!(frame.kind, Kind::Link { .. });
        self.open_links -= usize::from(is_link);
        let is_transparent = matches!(frame.kind, Kind::Transparent | Kind::Tilde);
        if !is_transparent {
            self.split_formulas(&mut frame.inlines);
        }
        if !is_transparent && !is_link && self.open_links == 0 {
            autolink::link_addresses(&mut frame.inlines);
        }
        match frame.kind {
            Kind::Document => {}
            Kind::Paragraph => self.add_block(paragraph(frame.inlines)),
            Kind::Heading(_) if self.is_tag_line(range.clone()) => self.tag_line(frame.inlines, range),
            Kind::Heading(level) => self.add_block(Block::Heading { level, content: frame.inlines }),
            Kind::Code(language) => self.add_block(code_block(language, frame.text)),
            Kind::Html => self.add_block(Block::Html(frame.text)),
            Kind::Quote(None) => self.add_block(Block::Quote(frame.blocks)),
            Kind::Quote(Some(kind)) => self.add_block(Block::Alert { kind, blocks: frame.blocks }),
            Kind::Details { is_open, summary } => {
                self.add_block(Block::Details { summary, is_open, blocks: frame.blocks });
            }
            Kind::Summary => self.add_summary(frame.blocks),
            Kind::Tagged(tag) => self.inline(Inline::Tagged(tag, frame.inlines)),
            Kind::List { start, tight, items } => self.add_block(Block::List { start, tight, items }),
            Kind::Item { checked } => self.add_item(Item { checked, blocks: frame.blocks }),
            Kind::Footnote(label) => self.add_block(Block::Footnote { label, blocks: frame.blocks }),
            Kind::Table { alignments, head, rows } => self.add_block(Block::Table { alignments, head, rows }),
            Kind::Row { is_head, cells, cells_end } => self.add_row(is_head, cells, cells_end..end),
            Kind::Cell => self.add_cell(frame.inlines, end),
            Kind::Emphasis => self.inline(Inline::Emphasis(frame.inlines)),
            Kind::Strong => self.inline(Inline::Strong(frame.inlines)),
            Kind::Strikethrough => self.inline(Inline::Strikethrough(frame.inlines)),
            Kind::Link { href, title } => self.inline(Inline::Link { href, title, content: frame.inlines }),
            Kind::Image { src } => self.inline(Inline::Image { src, alt: plain(&frame.inlines) }),
            Kind::Transparent => frame.inlines.into_iter().for_each(|inline| self.inline(inline)),
            Kind::Tilde => {
                self.push_text("~");
                frame.inlines.into_iter().for_each(|inline| self.inline(inline));
                self.push_text("~");
            }
            Kind::Lifted => self.top().blocks.extend(frame.blocks),
        }
    }

    /// Called before a block begins: wraps loose text of its container into a paragraph, and records a top-level block.
    fn begin_block(&mut self, start: usize) {
        self.end_implicit_paragraph();
        if self.frames.len() == 1 {
            self.outline.starts.push(start);
            self.outline.item_starts.clear();
        }
    }

    /// The parser leaves out the paragraphs of a tight list; the tree always has them.
    fn end_implicit_paragraph(&mut self) {
        while matches!(self.top().kind, Kind::Tagged(_)) {
            self.unwrap_tag();
        }
        let mut inlines = std::mem::take(&mut self.top().inlines);
        if !inlines.is_empty() {
            self.split_formulas(&mut inlines);
            autolink::link_addresses(&mut inlines);
            self.add_block(paragraph(inlines));
        }
    }

    /// A paragraph that the parser reports means that its list is loose.
    fn loosen(&mut self) {
        if let [.., list, item] = self.frames.as_mut_slice()
            && let (Kind::List { tight, .. }, Kind::Item { .. }) = (&mut list.kind, &item.kind)
        {
            *tight = false;
        }
    }

    fn check(&mut self, done: bool) {
        let item = self.frames.iter_mut().rev().find_map(|frame| match &mut frame.kind {
            Kind::Item { checked } => Some(checked),
            _ => None,
        });
        if let Some(checked) = item {
            *checked = Some(done);
        }
    }

    fn add_block(&mut self, block: Block) {
        self.top().blocks.push(block);
    }

    fn add_item(&mut self, item: Item) {
        if let Kind::List { items, .. } = &mut self.top().kind {
            items.push(Arc::new(item));
        }
    }

    fn add_cell(&mut self, content: Cell, end: usize) {
        if let Kind::Row { cells, cells_end, .. } = &mut self.top().kind {
            cells.push(content);
            *cells_end = end;
        }
    }

    /// Adds a row. The parser drops cells beyond the last column; their source is kept in the last cell, so that no text is
    /// lost.
    fn add_row(&mut self, is_head: bool, mut row: Vec<Cell>, beyond: Range<usize>) {
        let excess =
            self.source.get(beyond).unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || c == '|');
        if let Some(last) = row.last_mut()
            && !excess.is_empty()
        {
            last.push(Inline::Text(format!(" | {}", self.strip(excess))));
        }
        if let Kind::Table { head, rows, .. } = &mut self.top().kind {
            if is_head {
                *head = row;
            } else {
                rows.push(row);
            }
        }
    }

    fn text(&mut self, text: &str) {
        if matches!(self.top().kind, Kind::Code(_) | Kind::Html) {
            let text = self.strip(text);
            self.top().text.push_str(&text);
        } else {
            // A formula may come in several pieces. It is revealed when it is complete.
            self.push_text(text);
        }
    }

    /// Whether the last text ends within a formula.
    fn is_in_formula(&mut self) -> bool {
        self.is_changed
            && matches!(self.top().inlines.last(), Some(Inline::Text(text)) if formula::is_open(text))
    }

    fn push_text(&mut self, text: &str) {
        let inlines = &mut self.top().inlines;
        if let Some(Inline::Text(last)) = inlines.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            inlines.push(Inline::Text(text.to_owned()));
        }
    }

    fn inline(&mut self, inline: Inline) {
        match inline {
            Inline::Text(text) => self.push_text(&text),
            other => self.top().inlines.push(other),
        }
    }

    fn strip(&self, text: &str) -> String {
        if self.is_changed { hidden::reveal(text).into_owned() } else { text.to_owned() }
    }

    /// Finds the formulas in the content of a node.
    fn split_formulas(&self, content: &mut Vec<Inline>) {
        if self.is_changed {
            formula::split(content);
        }
    }

    fn top(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Kind::Document));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
}
