//! Words around a conversation: before it begins, above and below its messages.

pub(super) mod en;
pub(super) mod zh;

/// A suggestion on the start page.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The text that it puts into the composer.
    pub prompt: &'static str,
}

/// Words around a conversation: before it begins, above and below its messages.
pub struct ChatWords {
    /// Title of an empty conversation.
    pub greeting: &'static str,
    /// Suggestions on the start page.
    pub examples: [Example; 4],
    /// How to connect a real model.
    pub connect_model: &'static str,
    /// Shown to users when no provider offers a model.
    pub models_unavailable: &'static str,
    /// Title of the list of providers that failed.
    pub providers_failed: &'static str,
    /// A provider's list of models is empty.
    pub no_models: &'static str,
    /// The providers are being asked for their models.
    pub asking_providers: &'static str,
    /// The configured default model is not offered; the second one stands in for it.
    pub unknown_default: fn(&str, &str) -> String,
    /// A model server of this name with so many models runs on this machine; the line that connects it follows.
    pub server_found: fn(&str, u64) -> String,
    /// Name of the messages.
    pub messages: &'static str,
    /// Title when the messages could not be loaded.
    pub load_failed: &'static str,
    /// Announced when a reply starts.
    pub generating: &'static str,
    /// Announced when a reply is complete.
    pub answer_complete: &'static str,
    /// Announced when a reply failed.
    pub answer_failed: &'static str,
    /// The connection was lost and is being restored.
    pub reconnecting: &'static str,
    /// Name of the button that scrolls to the end.
    pub jump_to_latest: &'static str,
    /// A conversation that is not stored.
    pub temporary: &'static str,
    /// Explains it.
    pub temporary_detail: &'static str,
    /// Button that continues the conversation from one of several answers.
    pub choose_answer: &'static str,
    /// State of that button for the chosen answer.
    pub chosen_answer: &'static str,
    /// Asks for that choice, below the answers.
    pub choose_one: &'static str,
    /// Why a message is not sent before it.
    pub choose_first: &'static str,
    /// Name of the row of parallel answers.
    pub answers: &'static str,
}
