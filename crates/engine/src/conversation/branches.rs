//! Changes to the tree of a conversation, other than adding to it.

use kaiwa_shared::{
    Content, ConversationId, MessageId, UserId,
    conversation::{Conversation, Subtree, UpdateConversation},
    feed::{ConversationChanged, ConversationRef, FeedEvent},
    title,
};
use kaiwa_store::chat::EditOutcome;

use super::Conversations;
use crate::generation::store_unstored;

impl Conversations {
    /// Shows the branch through a message, as far down as it was last shown; `None` if there is no such message.
    pub async fn show(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Conversation>> {
        let mut tx = self.services.store.begin().await?;
        let shown = tx.conversations().show(owner, conversation, message).await?;
        tx.commit().await?;
        self.announce_change(owner, shown.as_ref());
        Ok(shown)
    }

    /// Creates a conversation with a copy of the branch down to a message, and the title with a number behind it;
    /// `None` if there is no such message. A running reply is copied as far as it has come.
    pub async fn fork(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Conversation>> {
        let running = self.generations.hub().all().into_iter();
        let running =
            running.filter(|live| live.ids().conversation == conversation && live.ids().owner == owner);
        store_unstored(&self.services.store, running).await?;
        let (new, now) = (ConversationId::new(), self.services.clock.now());
        let mut tx = self.services.store.begin().await?;
        let mut forked = tx.conversations().fork(owner, conversation, message, new, now).await?;
        if let Some(copy) = forked.as_mut().filter(|copy| !copy.title.is_empty()) {
            copy.title = title::numbered(&copy.title);
            let change =
                UpdateConversation { title: Some(copy.title.clone()), ..UpdateConversation::default() };
            tx.conversations().update(owner, new, &change).await?;
        }
        tx.commit().await?;
        self.announce_change(owner, forked.as_ref());
        Ok(forked)
    }

    /// Replaces what a message says.
    pub async fn edit(
        &self,
        owner: UserId,
        message: MessageId,
        content: &Content,
    ) -> kaiwa_store::Result<EditOutcome> {
        let mut tx = self.services.store.begin().await?;
        let outcome = tx.messages().edit(owner, message, content).await?;
        tx.commit().await?;
        if let EditOutcome::Edited(conversation_id) = outcome {
            self.feed.publish(owner, &FeedEvent::MessagesChanged(ConversationRef { conversation_id }));
        }
        Ok(outcome)
    }

    /// Deletes a message with everything below it and stops replies that are written there; `None` if there is no such
    /// message.
    pub async fn delete_message(
        &self,
        owner: UserId,
        message: MessageId,
    ) -> kaiwa_store::Result<Option<Subtree>> {
        let mut tx = self.services.store.begin().await?;
        let Some(deleted) = tx.messages().delete(owner, message).await? else { return Ok(None) };
        tx.commit().await?;
        for generation in deleted.stopped {
            if let Some(live) = self.generations.hub().find(owner, generation) {
                live.stop();
            }
        }
        let conversation_id = deleted.conversation.id;
        self.announce_change(owner, Some(&deleted.conversation));
        self.feed.publish(owner, &FeedEvent::MessagesChanged(ConversationRef { conversation_id }));
        Ok(Some(deleted.subtree))
    }

    /// Deletes a conversation and stops its running replies; `true` if it existed.
    pub async fn delete(&self, owner: UserId, conversation_id: ConversationId) -> kaiwa_store::Result<bool> {
        let mut tx = self.services.store.begin().await?;
        if !tx.conversations().delete(owner, conversation_id).await? {
            return Ok(false);
        }
        tx.commit().await?;
        let running = self.generations.hub().all();
        running.iter().filter(|live| live.ids().conversation == conversation_id).for_each(|live| live.stop());
        self.feed.publish(owner, &FeedEvent::ConversationDeleted(ConversationRef { conversation_id }));
        Ok(true)
    }

    fn announce_change(&self, owner: UserId, conversation: Option<&Conversation>) {
        if let Some(conversation) = conversation.cloned() {
            self.feed.publish(
                owner,
                &FeedEvent::Conversation(ConversationChanged { conversation, settings: None }),
            );
        }
    }
}
