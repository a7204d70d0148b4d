//! The nodes of a parsed text.

use std::sync::Arc;

use crate::{OwnFile, SafeUrl};

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
    /// A quotation that begins with `[!NOTE]` or the like.
    Alert {
        /// What it is about.
        kind: AlertKind,
        /// The content.
        blocks: Vec<Block>,
    },
    /// Blocks that are shown on demand: `<details>`.
    Details {
        /// What stands for them; empty if the text gives nothing.
        summary: Vec<Inline>,
        /// Whether they are shown from the beginning.
        is_open: bool,
        /// The content.
        blocks: Vec<Block>,
    },
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

/// The kind of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// Worth knowing.
    Note,
    /// An advice.
    Tip,
    /// Needed to succeed.
    Important,
    /// Needs attention.
    Warning,
    /// A risk.
    Caution,
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
    /// Text between two tags, such as `<sub>`.
    Tagged(InlineTag, Vec<Inline>),
    /// A link.
    Link {
        /// The address; `None` if it is not safe to link, and the content is then plain text.
        href: Option<SafeUrl>,
        /// The advisory title, often empty.
        title: String,
        /// The visible content.
        content: Vec<Inline>,
    },
    /// An image.
    Image {
        /// Where it comes from; `None` if it must not be loaded.
        src: Option<ImageSource>,
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

/// The tags that text may be between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineTag {
    /// `<sub>`
    Subscript,
    /// `<sup>`
    Superscript,
    /// `<kbd>`
    Keyboard,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// A file on this server.
    Own(OwnFile),
    /// Another server, which would learn that the image is looked at.
    Remote(SafeUrl),
}

impl ImageSource {
    /// Reads the address of an image; `None` if it is neither a file of ours nor safe to link.
    pub fn parse(raw: &str) -> Option<Self> {
        OwnFile::parse(raw).map(Self::Own).or_else(|| SafeUrl::parse(raw).map(Self::Remote))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Own(file) => file.as_str(),
            Self::Remote(url) => url.as_str(),
        }
    }
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
    /// ``$`…`$``, as GitHub writes it
    DollarCode,
    /// `$$…$$`, a display formula
    Dollars,
    /// `\(…\)`
    Parentheses,
    /// `\[…\]`, a display formula
    Brackets,
    /// None: an environment such as `\begin{align}…\end{align}`, a display formula
    Environment,
    /// A fenced block with the language `math`, a display formula
    Fence,
}

impl Delimiters {
    /// The opening and the closing delimiter.
    pub fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Dollar => ("$", "$"),
            Self::DollarCode => ("$`", "`$"),
            Self::Dollars => ("$$", "$$"),
            Self::Parentheses => ("\\(", "\\)"),
            Self::Brackets => ("\\[", "\\]"),
            Self::Environment => ("", ""),
            Self::Fence => ("```math\n", "```"),
        }
    }
}

impl Formula {
    /// Reads a formula with its delimiters.
    pub(crate) fn read(source: &str) -> Option<Self> {
        let all = [
            Delimiters::Dollars,
            Delimiters::DollarCode,
            Delimiters::Dollar,
            Delimiters::Parentheses,
            Delimiters::Brackets,
            Delimiters::Environment,
        ];
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
        matches!(
            self.delimiters,
            Delimiters::Dollars | Delimiters::Brackets | Delimiters::Environment | Delimiters::Fence
        )
    }
}
