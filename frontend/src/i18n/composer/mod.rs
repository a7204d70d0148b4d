//! Words of the composer, its queue and its model picker.

pub(super) mod en;
pub(super) mod zh;

/// Words of the composer, its queue and its model picker.
pub struct ComposerWords {
    /// Name of the composer.
    pub message: &'static str,
    /// Placeholder of the composer.
    pub message_placeholder: &'static str,
    /// Button.
    pub send: &'static str,
    /// Button that stops the reply.
    pub stop: &'static str,
    /// Name of the model picker with this model chosen.
    pub model_picker: fn(&str) -> String,
    /// Marks the built-in demo model.
    pub demo: &'static str,
    /// Button that quotes the selected passage.
    pub quote: &'static str,
    /// Name of the list of commands or models that fit what is typed.
    pub suggestions: &'static str,
    /// Name of the send button while a reply is running.
    pub queue_message: &'static str,
    /// A message is queued.
    pub queued: &'static str,
    /// Button that moves a queued message back into the composer.
    pub queue_edit: &'static str,
    /// Button that removes a queued message.
    pub queue_remove: &'static str,
    /// Button that sends a queued message now.
    pub queue_send: &'static str,
}
