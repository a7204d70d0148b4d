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
    /// A formula that stands alone.
    Math(Formula),
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
    /// A formula.
    Math(Formula),
    /// A reference to the [`Block::Footnote`] of the same label.
    FootnoteReference(String),
    /// A line break. `CommonMark` shows single ones as spaces, but models write them to break lines.
    LineBreak,
}

/// A formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// The TeX source, exactly as it was written.
    pub tex: String,
    /// What it was written between.
    pub delimiters: Delimiters,
}

/// The delimiters of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiters {
    /// `$…$`
    Dollar,
    /// `$$…$$`, a display formula
    Dollars,
    /// `\(…\)`
    Parentheses,
    /// `\[…\]`, a display formula
    Brackets,
}

impl Delimiters {
    /// The opening and the closing delimiter.
    pub fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Dollar => ("$", "$"),
            Self::Dollars => ("$$", "$$"),
            Self::Parentheses => ("\\(", "\\)"),
            Self::Brackets => ("\\[", "\\]"),
        }
    }
}

impl Formula {
    /// Reads a formula with its delimiters.
    pub(crate) fn read(source: &str) -> Option<Self> {
        let all = [Delimiters::Dollars, Delimiters::Dollar, Delimiters::Parentheses, Delimiters::Brackets];
        all.into_iter().find_map(|delimiters| {
            let (open, close) = delimiters.marks();
            let tex = source.strip_prefix(open)?.strip_suffix(close)?;
            Some(Self { tex: tex.to_owned(), delimiters })
        })
    }

    /// The formula as it was written, with its delimiters.
    pub fn source(&self) -> String {
        let (open, close) = self.delimiters.marks();
        format!("{open}{}{close}", self.tex)
    }

    /// Whether it is shown on a line of its own.
    pub fn is_display(&self) -> bool {
        matches!(self.delimiters, Delimiters::Dollars | Delimiters::Brackets)
    }
}
