//! The nodes of a parsed text.

use std::sync::Arc;

use crate::SafeUrl;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 for the highest, 6 for the lowest.
        level: u8,
        /// The content.
        content: Vec<Inline>,
    },
    /// Preformatted code, fenced or indented.
    Code {
        /// The first word after the opening fence.
        language: Option<String>,
        /// The code, with the line break that ends its last line.
        code: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A list.
    List {
        /// The first number of a numbered list; `None` for bullets.
        start: Option<u64>,
        /// Whether the list is tight: without blank lines between its items.
        tight: bool,
        /// Shared, because a growing list hands out its finished items again with every tail.
        items: Vec<Arc<Item>>,
    },
    /// A table. Every row has as many cells as there are alignments.
    Table {
        /// One for each column.
        alignments: Vec<Alignment>,
        /// The header row.
        head: Vec<Cell>,
        /// The rows below it.
        rows: Vec<Vec<Cell>>,
    },
    /// A thematic break.
    Rule,
    /// A display formula in TeX, without the dollar signs.
    Math(String),
    /// Raw HTML, to be shown as text.
    Html(String),
    /// A footnote.
    Footnote {
        /// The label that [`Inline::FootnoteReference`] refers to.
        label: String,
        /// The content.
        blocks: Vec<Block>,
    },
}

/// A list item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// For a task: whether it is done.
    pub checked: Option<bool>,
    /// The content. Text in a tight list is a [`Block::Paragraph`] too.
    pub blocks: Vec<Block>,
}

/// The content of one cell of a table.
pub type Cell = Vec<Inline>;

/// The alignment of a table column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// The default of the text direction.
    None,
    /// To the left.
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
}

/// An inline node. Adjacent [`Inline::Text`]s are always joined into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text, raw inline HTML included.
    Text(String),
    /// Inline code.
    Code(String),
    /// Emphasis, usually italic.
    Emphasis(Vec<Inline>),
    /// Strong emphasis, usually bold.
    Strong(Vec<Inline>),
    /// Struck-out text.
    Strikethrough(Vec<Inline>),
    /// A link.
    Link {
        /// The address; `None` if it is not safe to link, and the content is then plain text.
        href: Option<SafeUrl>,
        /// The advisory title, often empty.
        title: String,
        /// The visible content.
        content: Vec<Inline>,
    },
    /// An image. It is never loaded and may be shown as a link.
    Image {
        /// The address; `None` if it is not safe to link.
        src: Option<SafeUrl>,
        /// The alternative text.
        alt: String,
    },
    /// A formula in TeX, without the dollar signs.
    Math {
        /// The formula.
        tex: String,
        /// Whether it was written between double dollar signs.
        display: bool,
    },
    /// A reference to the [`Block::Footnote`] of the same label.
    FootnoteReference(String),
    /// A line break in the source that is shown as a space.
    SoftBreak,
    /// A visible line break.
    HardBreak,
}
