//! Words for finding one's way in a conversation.

pub(super) mod en;
pub(super) mod zh;

/// Words for finding one's way in a conversation.
pub struct ThreadWords {
    /// Printed when earlier messages are not loaded.
    pub not_printed: &'static str,
    /// Name of the button that opens the outline, and its title.
    pub outline: &'static str,
    /// Name of the field that filters the outline.
    pub filter: &'static str,
    /// Button to the first message.
    pub first: &'static str,
    /// No question contains the filter.
    pub no_question: &'static str,
    /// Only so many of all questions are listed.
    pub partial: fn(usize, usize) -> String,
    /// A question without text.
    pub only_files: &'static str,
    /// The message of a link is not in this branch.
    pub not_here: &'static str,
    /// Name of the button that opens the search, of the bar and of its field.
    pub find: &'static str,
    /// Button to the occurrence before.
    pub previous: &'static str,
    /// Button to the next occurrence.
    pub next: &'static str,
    /// Button that closes the search.
    pub close: &'static str,
    /// Nothing was found.
    pub nothing: &'static str,
    /// The position of the shown occurrence and their number.
    pub position: fn(usize, usize) -> String,
}
