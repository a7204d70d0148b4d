//! Conversations, their messages and their queues.

mod branches;
mod conversations;
mod fork;
mod history;
mod messages;
mod queue;
pub(crate) mod rows;

use kaiwa_shared::{
    ConversationId, GenerationId,
    conversation::{Conversation, QueuedMessage, Subtree},
    message::Message,
};
use serde::{Deserialize, Serialize};

pub use conversations::Conversations;
pub use messages::{Messages, PageLimit};
pub use queue::{MAX_QUEUED, MAX_QUEUED_BYTES, Queue};

pub(crate) use branches::{point_down, show_through, show_whole_path};
pub(crate) use history::write_provider_blocks;
pub(crate) use queue::{NewQueued, find_queued, has_queued, insert_queued, requeue_behind, take_queued};

/// A page of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older messages above the first one.
    pub has_earlier: bool,
}

/// A queued message with everything needed to send it.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The message.
    pub message: QueuedMessage,
    /// Other models that will answer it at the same time.
    pub parallel: Vec<String>,
}

/// The outcome of [`Messages::edit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// Changed; the message belongs to this conversation.
    Edited(ConversationId),
    /// This generation is still writing it.
    Busy(GenerationId),
    /// The owner has no such message.
    NoMessage,
    /// The owner does not have one of the files of the content.
    NoFile,
}

/// The outcome of [`Messages::delete`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The conversation, which may show another branch now.
    pub conversation: Conversation,
    /// What was deleted.
    pub subtree: Subtree,
    /// The generations that were writing deleted messages.
    pub stopped: Vec<GenerationId>,
}

/// A message of a branch with its provider blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryMessage {
    /// The message, without its siblings.
    pub message: Message,
    /// Its provider blocks, in order.
    pub provider_blocks: Vec<ProviderBlock>,
    /// The number of messages above it.
    pub depth: u32,
}

/// A piece of a provider's own JSON at its position in a reply, such as a signature or encrypted reasoning. It is
/// sent back unchanged to that provider only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderBlock {
    /// The number of whole parts before it.
    pub parts: usize,
    /// The number of bytes of the next part's text before it.
    pub bytes: usize,
    /// The short name of the provider that sent it.
    pub provider: String,
    /// The JSON.
    pub block: serde_json::Value,
}
