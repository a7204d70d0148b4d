//! The client's own labels within a rendered text.

/// Labels within a rendered text, in the user's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownLabels {
    /// The button that copies a code block.
    pub copy: &'static str,
    /// What the button says when the code has been copied.
    pub copied: &'static str,
    /// The button that wraps the long lines of a code block.
    pub wrap: &'static str,
    /// The button that saves a code block as a file.
    pub download: &'static str,
    /// The button that shows what a code makes.
    pub preview: &'static str,
    /// The button that shows it larger, beside the conversation.
    pub expand: &'static str,
    /// The button that shows a diagram, and the diagram's name.
    pub diagram: &'static str,
    /// A diagram could not be drawn.
    pub diagram_refused: &'static str,
    /// Before the error of a preview.
    pub preview_error: &'static str,
    /// Before the host that a preview could not reach.
    pub preview_blocked: &'static str,
    /// A preview tried to open another page.
    pub preview_left: &'static str,
    /// The button that loads an image from another server.
    pub show_image: &'static str,
    /// The image could not be loaded.
    pub image_failed: &'static str,
    /// The button that shows all of a long code block or text.
    pub show_all: &'static str,
    /// What it says then.
    pub show_less: &'static str,
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
    /// The summary of details that have none.
    pub details: &'static str,
    /// Title of an alert: worth knowing.
    pub note: &'static str,
    /// Title of an alert: an advice.
    pub tip: &'static str,
    /// Title of an alert: needed to succeed.
    pub important: &'static str,
    /// Title of an alert: needs attention.
    pub warning: &'static str,
    /// Title of an alert: a risk.
    pub caution: &'static str,
}
