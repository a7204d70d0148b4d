//! What can be done to the tree of a conversation beside adding to it.

use kaiwa_shared::{
    ConversationId, MessageId, UserId,
    conversation::{Conversation, Subtree},
    feed::{ConversationChanged, ConversationRef, FeedEvent},
};
use kaiwa_store::entities::EditOutcome;

use crate::Engine;

impl Engine {
    /// Shows the branch through a message, as far down as it was last shown; `None` if there is no such message.
    pub async fn show(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Conversation>> {
        let shown = self.0.store.conversations().show(owner, conversation, message).await?;
        self.announce_if_any(owner, shown.as_ref());
        Ok(shown)
    }

    /// Makes a conversation with a copy of the branch down to a message; `None` if there is no such message. A reply
    /// that is being written is copied as far as it has come.
    pub async fn fork(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Conversation>> {
        let running: Vec<_> = self
            .0
            .hub
            .all()
            .iter()
            .filter(|live| live.ids().conversation == conversation && live.ids().owner == owner)
            .filter_map(|live| live.unstored())
            .collect();
        self.0.store.generations().checkpoint(running).await?;
        let new = ConversationId::new();
        let now = self.0.clock.now();
        let forked = self.0.store.conversations().fork(owner, conversation, message, new, now).await?;
        self.announce_if_any(owner, forked.as_ref());
        Ok(forked)
    }

    /// Replaces the text of a message.
    pub async fn edit(
        &self,
        owner: UserId,
        message: MessageId,
        text: &str,
    ) -> kaiwa_store::Result<EditOutcome> {
        let outcome = self.0.store.messages().edit(owner, message, text).await?;
        if let EditOutcome::Edited(conversation_id) = outcome {
            self.announce(owner, &FeedEvent::MessagesChanged(ConversationRef { conversation_id }));
        }
        Ok(outcome)
    }

    /// Removes a message with everything below it and stops what is written there; what went, or `None` if there is
    /// no such message.
    pub async fn delete_message(
        &self,
        owner: UserId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Subtree>> {
        let Some(deleted) = self.0.store.messages().delete(owner, message).await? else { return Ok(None) };
        for generation in deleted.stopped {
            if let Some(live) = self.0.hub.find(owner, generation) {
                live.stop();
            }
        }
        let conversation_id = deleted.conversation.id;
        self.announce(
            owner,
            &FeedEvent::Conversation(ConversationChanged { conversation: deleted.conversation }),
        );
        self.announce(owner, &FeedEvent::MessagesChanged(ConversationRef { conversation_id }));
        Ok(Some(deleted.subtree))
    }

    /// Removes a conversation and stops what is written in it; `true` if it was there.
    pub async fn delete_conversation(
        &self,
        owner: UserId,
        conversation_id: ConversationId,
    ) -> kaiwa_store::Result<bool> {
        if !self.0.store.conversations().delete(owner, conversation_id).await? {
            return Ok(false);
        }
        for live in self.0.hub.all().iter().filter(|live| live.ids().conversation == conversation_id) {
            live.stop();
        }
        self.announce(owner, &FeedEvent::ConversationDeleted(ConversationRef { conversation_id }));
        Ok(true)
    }

    fn announce_if_any(&self, owner: UserId, conversation: Option<&Conversation>) {
        if let Some(conversation) = conversation {
            self.announce(
                owner,
                &FeedEvent::Conversation(ConversationChanged { conversation: conversation.clone() }),
            );
        }
    }
}
