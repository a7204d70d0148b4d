//! The client's own labels within a rendered text.

/// Labels within a rendered text, in the user's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownLabels {
    /// The button that copies a code block.
    pub copy: &'static str,
    /// What the button says when the code has been copied.
    pub copied: &'static str,
    /// The accessible name of a code block.
    pub code: &'static str,
    /// The accessible name of a table.
    pub table: &'static str,
    /// The prefix of an image that is shown as a link.
    pub image: &'static str,
    /// The name of a footnote, before its label.
    pub footnote: &'static str,
    /// The link from a footnote back to its reference.
    pub back: &'static str,
    /// The name of the mark of a finished task.
    pub done: &'static str,
    /// The name of the mark of an open task.
    pub open: &'static str,
}
