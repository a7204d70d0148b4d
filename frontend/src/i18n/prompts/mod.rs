//! Words of saved prompts.

pub(super) mod en;
pub(super) mod zh;

/// Words of saved prompts.
pub struct PromptsWords {
    /// Section.
    pub title: &'static str,
    /// What they are, and how to use one.
    pub about: &'static str,
    /// Button.
    pub add: &'static str,
    /// Label.
    pub name: &'static str,
    /// Label.
    pub text: &'static str,
    /// Name of the button that edits the prompt of this name.
    pub edit: fn(&str) -> String,
    /// Name of the button that deletes the prompt of this name.
    pub delete: fn(&str) -> String,
    /// Question before a prompt is deleted.
    pub delete_title: &'static str,
    /// What is lost.
    pub delete_detail: fn(&str) -> String,
    /// Announced after saving.
    pub saved: &'static str,
    /// Announced after deleting.
    pub deleted: &'static str,
    /// Menu item of a message.
    pub save_message: &'static str,
}
