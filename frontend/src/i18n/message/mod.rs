//! Words of a message: its author, its parts and what can be done with it.

pub(super) mod en;
pub(super) mod zh;

use crate::components::markdown::MarkdownLabels;

/// Words of a message: its author, its parts and what can be done with it.
pub struct MessageWords {
    /// Author of the user’s messages.
    pub you: &'static str,
    /// Author of replies.
    pub assistant: &'static str,
    /// Author of replies by this model.
    pub assistant_with: fn(&str) -> String,
    /// The user stopped the reply.
    pub stopped: &'static str,
    /// The reply was interrupted.
    pub interrupted: &'static str,
    /// The reply reached its maximum length.
    pub too_long: &'static str,
    /// The model declined to answer.
    pub declined: &'static str,
    /// Button that continues a reply that was cut short.
    pub continue_: &'static str,
    /// The request is retried in so many seconds, or sent to another model of this name.
    pub retrying: fn(u64, Option<&str>) -> String,
    /// So many of the oldest messages were not sent to the model.
    pub left_out: fn(u32) -> String,
    /// The model has been reasoning for so many seconds.
    pub thinking: fn(u64) -> String,
    /// The model reasoned for so many seconds.
    pub thought_for: fn(u64) -> String,
    /// Heading of reasoning whose duration is unknown.
    pub thought: &'static str,
    /// Name of the button that copies the reasoning.
    pub copy_thoughts: &'static str,
    /// The tool is running.
    pub tool_running: &'static str,
    /// The tool returned a result.
    pub tool_done: &'static str,
    /// The tool failed.
    pub tool_failed: &'static str,
    /// The reply ended before the tool returned.
    pub tool_cancelled: &'static str,
    /// The tool was not run.
    pub tool_not_run: &'static str,
    /// Heading of the arguments of a tool call.
    pub tool_arguments: &'static str,
    /// Heading of the result of a tool call.
    pub tool_output: &'static str,
    /// Heading of the citations.
    pub sources: &'static str,
    /// Menu item that reads a reply aloud.
    pub read_aloud: &'static str,
    /// Menu item that stops reading aloud.
    pub stop_reading: &'static str,
    /// Copies the address of a message.
    pub copy_link: &'static str,
    /// Name of the menu of further actions.
    pub more_actions: &'static str,
    /// Button that asks another model, because the one of the conversation is gone.
    pub answer_with: fn(&str) -> String,
    /// Button that asks for another answer.
    pub regenerate: &'static str,
    /// Menu item: another answer by the same model.
    pub same_model: &'static str,
    /// Heading of the other models.
    pub other_models: &'static str,
    /// Button.
    pub edit: &'static str,
    /// Name of the field in which a message is edited.
    pub edit_message: &'static str,
    /// Button that sends the edited text as a new message.
    pub save_and_send: &'static str,
    /// Menu item that copies the branch into a new conversation.
    pub fork: &'static str,
    /// Title of the dialog that confirms deleting a message.
    pub delete_message_title: &'static str,
    /// Its text: so many messages, so many of them on branches that are not shown.
    pub delete_message_detail: fn(u64, u64) -> String,
    /// Announced after deleting.
    pub message_deleted: &'static str,
    /// Name of the button for the previous version.
    pub previous_version: &'static str,
    /// Name of the button for the next version.
    pub next_version: &'static str,
    /// Name of this version out of so many.
    pub version_of: fn(usize, usize) -> String,
    /// So many later messages are below another version of this message.
    pub later_elsewhere: fn(usize) -> String,
    /// Labels within rendered Markdown.
    pub markdown: MarkdownLabels,
}
