//! The words that are the client's own within a rendered text.

/// What the client says within a rendered text, in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownLabels {
    /// The button that copies a code block.
    pub copy: &'static str,
    /// What the button says when the code has been copied.
    pub copied: &'static str,
    /// The name of a code block for those who cannot see that it is one.
    pub code: &'static str,
    /// The same for a table.
    pub table: &'static str,
    /// What stands before the text of an image that is offered as a link.
    pub image: &'static str,
    /// The name of a footnote, before its label.
    pub footnote: &'static str,
    /// The button that leads from a footnote back to where it is referred to.
    pub back: &'static str,
    /// The name of the mark of a finished task.
    pub done: &'static str,
    /// The name of the mark of an open task.
    pub open: &'static str,
}
