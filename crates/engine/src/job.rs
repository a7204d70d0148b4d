//! What one generation is asked to do.

use kaiwa_shared::{
    message::{MessageOptions, Part},
    stream::TemporaryMessage,
};

use crate::{Offer, limits::Permit};

/// What one generation is asked to do.
pub(crate) struct Job {
    /// Who answers.
    pub(crate) offer: Offer,
    /// What is asked of the model beyond its default.
    pub(crate) options: MessageOptions,
    /// What the model is told.
    pub(crate) history: History,
    /// The message that is answered, where nothing was said before it and so nothing needs to be read.
    pub(crate) opening: Option<String>,
    /// The conversation has no title yet, and this generation is the one that gives it one.
    pub(crate) untitled: bool,
    /// Its place among the replies that may be written at once.
    pub(crate) permit: Option<Permit>,
}

/// What the model is told.
pub(crate) enum History {
    /// The stored branch down to the message that is answered.
    Branch,
    /// The same, and then the reply itself as far as it has come: the model goes on after these parts.
    Continued(Vec<Part>),
    /// Nothing is stored, neither what was said nor the reply. The last one is the message that is answered.
    Temporary(Vec<TemporaryMessage>),
}

impl Job {
    /// Nothing of this generation is stored.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self.history, History::Temporary(_))
    }
}
