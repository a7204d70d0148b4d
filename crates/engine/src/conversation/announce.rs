//! Reports changes in a conversation to the open pages of its owner.

use kaiwa_shared::{
    ConversationId, UserId,
    conversation::Conversation,
    feed::{ConversationChanged, FeedEvent, GenerationStarted, QueueChanged},
};
use kaiwa_store::generations::Turn;
use tokio_util::sync::CancellationToken;

use super::Conversations;

impl Conversations {
    /// Reports the current state of a conversation.
    pub(super) async fn announce_conversation(&self, owner: UserId, id: ConversationId) {
        if !self.feed.has_listeners(owner).await {
            return;
        }
        match self.find(owner, id).await {
            Ok(Some(conversation)) => {
                self.feed.publish(
                    owner,
                    &FeedEvent::Conversation(ConversationChanged { conversation, settings: None }),
                );
            }
            // It was deleted in the meantime, which has been reported.
            Ok(None) => {}
            Err(error) => log_failure(&error),
        }
    }

    /// Reports the current queue of a conversation.
    pub(super) async fn announce_queue(&self, owner: UserId, conversation_id: ConversationId) {
        if !self.feed.has_listeners(owner).await {
            return;
        }
        let queued = async { self.services.store.read().await?.queue().list(owner, conversation_id).await };
        match queued.await {
            Ok(queued) => {
                self.feed.publish(owner, &FeedEvent::Queue(QueueChanged { conversation_id, queued }));
            }
            Err(error) => log_failure(&error),
        }
    }

    /// Reports that replies have begun, in a task of its own. The token is cancelled once that is done.
    pub(super) fn announce_start(&self, owner: UserId, turn: &Turn) -> CancellationToken {
        let announced = CancellationToken::new();
        let first = (turn.reply_id, turn.generation_id);
        let others = turn.parallel.iter().map(|other| (other.message_id, other.generation_id));
        let started: Vec<_> = std::iter::once(first).chain(others).collect();
        let (conversations, conversation_id) = (self.clone(), turn.conversation_id);
        let guard = announced.clone().drop_guard();
        tokio::spawn(async move {
            let _announced = guard;
            if !conversations.feed.has_listeners(owner).await {
                return;
            }
            conversations.announce_conversation(owner, conversation_id).await;
            for (message_id, generation_id) in started {
                let event = GenerationStarted { conversation_id, message_id, generation_id };
                conversations.feed.publish(owner, &FeedEvent::GenerationStarted(event));
            }
        });
        announced
    }

    async fn find(&self, owner: UserId, id: ConversationId) -> kaiwa_store::Result<Option<Conversation>> {
        self.services.store.read().await?.conversations().find(owner, id).await
    }
}

fn log_failure(error: &kaiwa_store::Error) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "a change could not be reported to open pages");
}
