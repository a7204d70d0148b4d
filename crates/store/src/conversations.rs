//! Conversations.

use kaiwa_shared::{
    ConversationId, UserId,
    conversation::{Conversation, Page, UpdateConversation},
    time::Millis,
};

use crate::{Result, Store};

/// The conversations of a store.
pub struct Conversations<'a>(pub(crate) &'a Store);

impl Conversations<'_> {
    /// Makes an empty conversation; a title given here counts as its owner's own.
    pub async fn create(&self, owner: UserId, id: ConversationId, title: Option<&str>, model: Option<&str>, now: Millis) -> Result<Conversation> { todo!() }

    /// A conversation of this owner.
    pub async fn find(&self, owner: UserId, id: ConversationId) -> Result<Option<Conversation>> { todo!() }

    /// A page of this owner's conversations, newest change first. `query` is searched for literally in the titles,
    /// without regard to case; `after` is the `next` of the page before, and one that cannot be read is as `None`.
    pub async fn list(&self, owner: UserId, query: Option<&str>, after: Option<&str>, limit: u32) -> Result<Page<Conversation>> { todo!() }

    /// Changes title (from then on never overwritten by a generated one) or model; gives the new state.
    pub async fn update(&self, owner: UserId, id: ConversationId, change: &UpdateConversation) -> Result<Option<Conversation>> { todo!() }

    /// Sets a generated title if the conversation has none of its own; `true` if it was set.
    pub async fn set_generated_title(&self, id: ConversationId, title: &str) -> Result<bool> { todo!() }

    /// Removes a conversation with all its messages and generations; `true` if it was there.
    pub async fn delete(&self, owner: UserId, id: ConversationId) -> Result<bool> { todo!() }
}
