//! Why a message was not taken.

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
    #[error("no such parent message")]
    ParentNotFound,
    /// A reply is still being written where this message would hang.
    #[error("generation {0} is still running")]
    Busy(GenerationId),
    /// The server is about to stop.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The message could not be stored.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
}
