//! Why a message was not taken.

use std::time::Duration;

use kaiwa_shared::GenerationId;

/// Why a message was not taken. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No model of this id is offered.
    #[error("there is no model `{0}`")]
    ModelNotFound(String),
    /// No such conversation of this owner.
    #[error("no such conversation")]
    ConversationNotFound,
    /// No such message in this conversation.
    #[error("no such message")]
    MessageNotFound,
    /// The message is no reply, or it is whole.
    #[error("there is nothing to continue")]
    NothingToContinue,
    /// The client's id of the message belongs to another one.
    #[error("the client's id of the message belongs to another one")]
    Reused,
    /// As many messages as may wait in a conversation do.
    #[error("too many messages wait")]
    QueueFull,
    /// A reply is still being written where this message would hang.
    #[error("generation {0} is still running")]
    Busy(GenerationId),
    /// As many replies as are allowed are being written.
    #[error("too many replies are being written")]
    TooMany {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// The server is about to stop.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The message could not be stored.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
}

impl SendError {
    /// What went wrong without any word of what was asked, for the log.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::ModelNotFound(_) => "model not found",
            Self::ConversationNotFound => "conversation not found",
            Self::MessageNotFound => "message not found",
            Self::NothingToContinue => "nothing to continue",
            Self::Reused => "id reused",
            Self::QueueFull => "queue full",
            Self::Busy(_) => "busy",
            Self::TooMany { .. } => "too many",
            Self::ShuttingDown => "shutting down",
            Self::Store(_) => "store",
        }
    }
}
