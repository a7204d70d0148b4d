//! What one generation has to do.

use kaiwa_bus::Permit;
use kaiwa_shared::{
    File,
    message::{MessageOptions, Part},
    stream::TemporaryMessage,
};

use crate::Offer;

/// What one generation has to do.
pub(crate) struct Job {
    /// The model and its provider.
    pub(crate) offer: Offer,
    /// Options of the request.
    pub(crate) options: MessageOptions,
    /// The conversation's system prompt.
    pub(crate) system_prompt: Option<String>,
    /// What is sent to the model.
    pub(crate) history: History,
    /// The text of the message to answer, if no history precedes it and so nothing needs to be read.
    pub(crate) first_message: Option<String>,
    /// Whether this generation gives the conversation its title.
    pub(crate) needs_title: bool,
    /// Counts the reply towards the limits while it runs.
    pub(crate) permit: Option<Permit>,
}

/// What is sent to the model.
#[derive(Clone)]
pub(crate) enum History {
    /// The stored branch down to the message to answer.
    Branch,
    /// The stored branch, and these parts of the reply, which the model continues.
    Continued(Vec<Part>),
    /// A temporary conversation, of which nothing is stored. The last message is the one to answer.
    Temporary {
        /// Its messages.
        messages: Vec<TemporaryMessage>,
        /// The files in them.
        files: Vec<File>,
    },
}

impl Job {
    /// Whether nothing of this generation is stored.
    pub(crate) const fn is_temporary(&self) -> bool {
        matches!(self.history, History::Temporary { .. })
    }
}
