//! Why a message was refused.

use std::time::Duration;

use kaiwa_shared::GenerationId;

/// A file that the model cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotRead {
    /// The model's name.
    pub model: String,
    /// The type of files.
    pub files: Unreadable,
}

/// A type of files that a model cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Pictures.
    Pictures,
    /// PDF documents.
    Pdf,
}

/// Why a message was refused. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no model with this id.
    #[error("there is no model `{0}`")]
    ModelNotFound(String),
    /// The owner has no such conversation.
    #[error("no such conversation")]
    ConversationNotFound,
    /// The conversation has no such message.
    #[error("no such message")]
    MessageNotFound,
    /// The message is not a reply, or the reply is complete.
    #[error("there is nothing to continue")]
    NothingToContinue,
    /// The client's id belongs to another message.
    #[error("the client's id belongs to another message")]
    IdReused,
    /// The queue of the conversation is full.
    #[error("the queue of the conversation is full")]
    QueueFull,
    /// The owner does not have one of the files of the message.
    #[error("no such file")]
    FileNotFound,
    /// The model cannot read one of the files of the message.
    #[error("the model cannot read a file of the message")]
    CannotRead(CannotRead),
    /// A reply is still being written at the position of this message.
    #[error("generation {0} is still running")]
    Busy(GenerationId),
    /// The limit on running replies is reached.
    #[error("too many replies are running")]
    OverLimit {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// The server is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The message could not be stored.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
}

impl SendError {
    /// The kind of error for the log, without user content.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::ModelNotFound(_) => "model not found",
            Self::ConversationNotFound => "conversation not found",
            Self::MessageNotFound => "message not found",
            Self::NothingToContinue => "nothing to continue",
            Self::IdReused => "id reused",
            Self::QueueFull => "queue full",
            Self::FileNotFound => "file not found",
            Self::CannotRead(_) => "cannot read",
            Self::Busy(_) => "busy",
            Self::OverLimit { .. } => "over limit",
            Self::ShuttingDown => "shutting down",
            Self::Store(_) => "store",
        }
    }
}
