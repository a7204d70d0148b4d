//! Messages: a tree in each conversation, read branch by branch.

use kaiwa_shared::{ConversationId, MessageId, UserId, message::Message};

use crate::{Result, Store};

/// The messages of a store.
pub struct Messages<'a>(pub(crate) &'a Store);

/// A piece of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// There are older messages above the first one.
    pub has_earlier: bool,
}

impl Messages<'_> {
    /// The last `limit` messages of the branch that ends in `leaf`, or of the part of it above `before`. One
    /// recursive statement that walks up from the leaf and no further than it must; empty if the leaf is not in this
    /// owner's conversation.
    pub async fn branch(&self, owner: UserId, conversation: ConversationId, leaf: MessageId, before: Option<MessageId>, limit: u32) -> Result<Branch> { todo!() }

    /// A message of this owner.
    pub async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> { todo!() }
}
