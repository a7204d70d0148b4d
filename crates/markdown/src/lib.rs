//! Streaming Markdown.
//!
//! A reply arrives a few characters at a time and must be readable at every moment, must not cost more per character
//! as it grows, and must not let what a model wrote act in the page. Four parts answer to that:
//!
//! - [`parse`] turns a whole text into a tree of [`Block`]s and [`Inline`]s: `CommonMark` with tables, strikethrough,
//!   task lists, footnotes, alerts, math and bare links. A few HTML tags without attributes are nodes (`tags`); all other
//!   HTML is text in that tree, never markup.
//! - [`Stream`] takes the text in pieces. A block is sealed when the next one has certainly begun; only the open
//!   [`Tail`] behind the sealed blocks is parsed again.
//! - `prepare` reads what models write differently than `CommonMark` does: formulas, emphasis in Chinese, fences within
//!   fences. It changes the text before the parser sees it, and `hidden` undoes that in the tree.
//! - [`SafeUrl`] is the only way an address gets into the tree: `http`, `https` and `mailto`, nothing else.
//!
//! The crate does no input or output and knows nothing of a browser. To support a further construct, add its node to
//! `tree`, its events to `builder` and a fragment to the grammar in `tests/properties.rs`; the property that a streamed
//! tree equals the tree of the whole text then holds the stream to it.

mod autolink;
mod builder;
mod data_images;
mod direction;
mod flanking;
mod formula;
mod hidden;
mod nested;
mod plain;
mod prepare;
mod script;
mod source;
mod speculate;
mod stream;
mod tags;
mod tree;
mod typed;
mod url;

pub use data_images::{DataImage, data_images};
pub use direction::Direction;
pub use plain::plain_text;
pub use script::{has_han, language_of};
pub use stream::{Finish, Stream, Tail};
pub use tree::{
    AlertKind, Alignment, Block, Cell, Delimiters, Formula, ImageSource, Inline, InlineTag, Item,
};
pub use typed::parse_typed;
pub use url::{OwnFile, SafeUrl};

/// Parses a complete text.
///
/// Never fails: whatever is not Markdown is text. Very deep nesting is flattened, so that the
/// result may be walked recursively.
pub fn parse(text: &str) -> Vec<Block> {
    builder::build(&source::normalise(text)).blocks
}
