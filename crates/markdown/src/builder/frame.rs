//! The open nodes of a tree that is being built.

use std::sync::Arc;

use crate::{AlertKind, Alignment, Block, Cell, ImageSource, Inline, InlineTag, Item, SafeUrl};

/// The kind of an open node.
pub(super) enum Kind {
    Document,
    Paragraph,
    Heading(u8),
    Code(Option<String>),
    Html,
    Quote(Option<AlertKind>),
    List {
        start: Option<u64>,
        tight: bool,
        items: Vec<Arc<Item>>,
    },
    Item {
        checked: Option<bool>,
    },
    Footnote(String),
    Table {
        alignments: Vec<Alignment>,
        head: Vec<Cell>,
        rows: Vec<Vec<Cell>>,
    },
    Row {
        is_head: bool,
        cells: Vec<Cell>,
        cells_end: usize,
    },
    Cell,
    Emphasis,
    Strong,
    Strikethrough,
    Link {
        href: Option<SafeUrl>,
        title: String,
    },
    Image {
        src: Option<ImageSource>,
    },
    Tagged(InlineTag),
    Details {
        is_open: bool,
        summary: Vec<Inline>,
    },
    Summary,
    /// Text between single tildes, which stay.
    Tilde,
    /// A transparent inline container: its content goes to the surrounding node.
    Transparent,
    /// A transparent container of blocks.
    Lifted,
}

/// An open node.
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) blocks: Vec<Block>,
    pub(super) inlines: Vec<Inline>,
    pub(super) text: String,
}

impl Frame {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, blocks: Vec::new(), inlines: Vec::new(), text: String::new() }
    }
}

impl Kind {
    /// Whether blocks are directly in it.
    pub(super) fn holds_blocks(&self) -> bool {
        matches!(
            self,
            Self::Document
                | Self::Quote(_)
                | Self::Item { .. }
                | Self::Footnote(_)
                | Self::Details { .. }
                | Self::Summary
                | Self::Lifted
        )
    }

    /// Whether tags began it, so that the parser does not report its end.
    pub(super) fn is_of_tags(&self) -> bool {
        matches!(self, Self::Tagged(_) | Self::Details { .. } | Self::Summary)
    }
}
