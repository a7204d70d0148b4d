//! Pairs HTML tags.

use std::ops::Range;

use super::{Builder, Frame, Kind, MAX_DEPTH};
use crate::{
    Block, Inline, InlineTag, hidden,
    tags::{BlockTag, INLINE_TAGS, first_block_tag, inline_tag, is_line_break},
};

impl Builder<'_> {
    /// Takes inline HTML: a line break, one of a pair of tags, or text.
    pub(super) fn inline_html(&mut self, html: &str) {
        if is_line_break(html) {
            return self.inline(Inline::LineBreak);
        }
        match inline_tag(html) {
            Some((tag, true)) if self.frames.len() < MAX_DEPTH => {
                self.frames.push(Frame::new(Kind::Tagged(tag)));
            }
            Some((tag, false)) if self.has_open(tag) => {
                while !matches!(self.top().kind, Kind::Tagged(open) if open == tag) {
                    self.unwrap_tag();
                }
                self.close(0..0);
            }
            _ => self.text(html),
        }
    }

    /// Closes everything that tags began within the node whose end the parser reports.
    pub(super) fn close_tags(&mut self) {
        while self.top().kind.is_of_tags() {
            if matches!(self.top().kind, Kind::Tagged(_)) {
                self.unwrap_tag();
            } else {
                self.close(0..0);
            }
        }
    }

    /// Turns an inline tag that is never closed into text.
    pub(super) fn unwrap_tag(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if let Kind::Tagged(tag) = frame.kind {
            let source =
                INLINE_TAGS.iter().find(|(other, ..)| *other == tag).map_or("", |(_, open, _)| *open);
            self.push_text(source);
        }
        frame.inlines.into_iter().for_each(|inline| self.inline(inline));
    }

    fn has_open(&self, tag: InlineTag) -> bool {
        let mut tagged = self.frames.iter().rev().map_while(|frame| match frame.kind {
            Kind::Tagged(open) => Some(open),
            _ => None,
        });
        tagged.any(|open| open == tag)
    }

    /// Whether a heading is a line with block tags.
    pub(super) fn is_tag_line(&self, range: Range<usize>) -> bool {
        let line = self.source.get(range).and_then(|line| line.strip_prefix(hidden::TAGS_PREFIX));
        line.is_some_and(|line| line.starts_with(hidden::TAGS))
    }

    /// Takes the content of a line with block tags. Tags that do not fit are text.
    pub(super) fn tag_line(&mut self, content: Vec<Inline>, range: Range<usize>) {
        let first = content.first().and_then(|inline| match inline {
            Inline::Text(text) => first_block_tag(text).filter(|(start, ..)| *start == 0),
            _ => None,
        });
        if !first.is_some_and(|(.., tag)| self.fits(tag)) {
            let line = self.strip(self.source.get(range).unwrap_or_default());
            return self.add_block(Block::Html(format!("{}\n", line.trim_end())));
        }
        for inline in content {
            let Inline::Text(text) = inline else {
                self.inline(inline);
                continue;
            };
            let mut rest = text.as_str();
            while let Some((start, end, tag)) = first_block_tag(rest) {
                self.push_words(&rest[..start]);
                if self.fits(tag) {
                    self.block_tag(tag);
                } else {
                    self.push_text(&rest[start..end]);
                }
                rest = &rest[end..];
            }
            self.push_words(rest);
        }
    }

    /// Appends text, unless it is only the space between two tags.
    fn push_words(&mut self, text: &str) {
        let text = if self.top().inlines.is_empty() { text.trim_start() } else { text };
        self.push_text(text);
    }

    fn fits(&mut self, tag: BlockTag) -> bool {
        let has_room = self.frames.len() + 2 < MAX_DEPTH;
        let top = self.top();
        match tag {
            BlockTag::Details { .. } => {
                has_room && top.kind.holds_blocks() && !matches!(top.kind, Kind::Summary)
            }
            BlockTag::DetailsEnd => matches!(top.kind, Kind::Details { .. } | Kind::Summary),
            BlockTag::Summary => {
                matches!(&top.kind, Kind::Details { summary, .. } if summary.is_empty())
                    && top.blocks.is_empty()
                    && top.inlines.is_empty()
            }
            BlockTag::SummaryEnd => matches!(top.kind, Kind::Summary),
        }
    }

    fn block_tag(&mut self, tag: BlockTag) {
        match tag {
            BlockTag::Details { is_open } => {
                self.end_implicit_paragraph();
                self.frames.push(Frame::new(Kind::Details { is_open, summary: Vec::new() }));
            }
            BlockTag::Summary => self.frames.push(Frame::new(Kind::Summary)),
            BlockTag::SummaryEnd => self.close(0..0),
            BlockTag::DetailsEnd => {
                if matches!(self.top().kind, Kind::Summary) {
                    self.close(0..0);
                }
                self.close(0..0);
            }
        }
    }

    /// The text of a summary's blocks becomes that of its details.
    pub(super) fn add_summary(&mut self, blocks: Vec<Block>) {
        let mut content: Vec<Inline> = Vec::new();
        let mut rest = Vec::new();
        for block in blocks {
            match block {
                Block::Paragraph(mut inlines) | Block::Heading { content: mut inlines, .. } => {
                    if !content.is_empty() {
                        content.push(Inline::LineBreak);
                    }
                    content.append(&mut inlines);
                }
                other => rest.push(other),
            }
        }
        let top = self.top();
        if let Kind::Details { summary, .. } = &mut top.kind {
            *summary = content;
        }
        top.blocks.append(&mut rest);
    }
}
