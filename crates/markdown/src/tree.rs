//! The nodes of a parsed text.

use std::sync::Arc;

use crate::SafeUrl;

/// Something that stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 for the highest, 6 for the lowest.
        level: u8,
        /// What it says.
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
        /// Whether the items stand close together, without blank lines between them.
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
    /// A formula on its own, in TeX without the dollar signs.
    Math(String),
    /// Raw HTML, to be shown as the text it is.
    Html(String),
    /// What a footnote says.
    Footnote {
        /// What [`Inline::FootnoteReference`] refers to it by.
        label: String,
        /// Its text.
        blocks: Vec<Block>,
    },
}

/// One entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Set when the entry is a task: whether it is done.
    pub checked: Option<bool>,
    /// What the entry holds. Text in a tight list is a [`Block::Paragraph`] too.
    pub blocks: Vec<Block>,
}

/// The content of one cell of a table.
pub type Cell = Vec<Inline>;

/// How a column of a table is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// As the direction of the text has it.
    None,
    /// To the left.
    Left,
    /// In the middle.
    Center,
    /// To the right.
    Right,
}

/// Something within a line of text. Adjacent [`Inline::Text`]s are always joined into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text, raw inline HTML included.
    Text(String),
    /// Inline code.
    Code(String),
    /// Stressed text, usually italic.
    Emphasis(Vec<Inline>),
    /// Strongly stressed text, usually bold.
    Strong(Vec<Inline>),
    /// Struck-out text.
    Strikethrough(Vec<Inline>),
    /// A link.
    Link {
        /// Where it leads; `None` when the address is not one to follow, and the content is then plain text.
        href: Option<SafeUrl>,
        /// The advisory title, often empty.
        title: String,
        /// What the reader sees.
        content: Vec<Inline>,
    },
    /// A picture. It is never loaded: it may be offered as a link.
    Image {
        /// Where it is; `None` when the address is not one to follow.
        src: Option<SafeUrl>,
        /// The text that stands for it.
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
    /// A line break in the source that is a space to the reader.
    SoftBreak,
    /// A line break that the reader shall see.
    HardBreak,
}
