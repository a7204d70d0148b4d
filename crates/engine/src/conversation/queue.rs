//! Queued messages.
//!
//! A queued message is sent when the reply before it is complete. If that reply ends in another way, the server restarts,
//! or the model cannot read its files, it stays queued until its owner sends it.

use std::{future::Future, pin::Pin};

use kaiwa_shared::{
    ClientMessageId, ConversationId, MessageId, UserId,
    conversation::ConversationSettings,
    stream::{Parent, Started},
};
use kaiwa_store::{
    chat::Queued,
    generations::{Queueing, Task},
};

use super::{
    Conversations,
    send::{Accepted, Order},
};
use crate::SendError;

/// How often sending the next queued message is tried while the limit on running replies is reached.
const ATTEMPTS: u32 = 24;

impl Conversations {
    /// Sends a queued message now, at the end of the shown branch. Messages that were queued behind the same reply are
    /// then behind its reply. If it was already sent, returns what was started then.
    pub async fn send_queued(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<Started, SendError> {
        if self.generations.closing().is_cancelled() {
            return Err(SendError::ShuttingDown);
        }
        let mut tx = self.services.store.read().await?;
        let queued = tx.queue().find(owner, conversation, id).await?;
        let turn = match queued {
            Some(queued) => {
                drop(tx);
                match self.send_from_queue(owner, queued, Parent::ShownEnd).await? {
                    Accepted::Started(turn, _) => Some(turn),
                    Accepted::Queued(_) => None,
                }
            }
            None => tx.generations().find_turn(owner, id).await?,
        };
        let turn =
            turn.filter(|turn| turn.conversation_id == conversation).ok_or(SendError::MessageNotFound)?;
        Ok(Started { message_id: turn.reply_id, generation_id: turn.generation_id, model: turn.model })
    }

    /// Removes a message from the queue; `true` if it was queued.
    pub async fn remove_queued(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> kaiwa_store::Result<bool> {
        let mut tx = self.services.store.begin().await?;
        let removed = tx.queue().delete(owner, conversation, id).await?;
        tx.commit().await?;
        if removed {
            self.announce_queue(owner, conversation).await;
        }
        Ok(removed)
    }

    /// Sends the first message that is queued behind this complete reply.
    ///
    /// Boxed, because the reply to that message ends by calling this function again.
    pub(super) fn send_next(
        &self,
        owner: UserId,
        conversation: ConversationId,
        reply: MessageId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let conversations = self.clone();
        Box::pin(async move {
            let closing = conversations.generations.closing();
            for _ in 0..ATTEMPTS {
                if closing.is_cancelled() {
                    return;
                }
                let wait = match conversations.try_send_next(owner, reply).await {
                    Ok(()) => return,
                    Err(SendError::OverLimit { retry_after }) => retry_after,
                    Err(error) => {
                        // The error itself may contain what a user wrote.
                        tracing::warn!(%conversation, kind = error.kind(), "a queued message could not be sent");
                        return;
                    }
                };
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        })
    }

    async fn try_send_next(&self, owner: UserId, reply: MessageId) -> Result<(), SendError> {
        let next = self.services.store.read().await?.queue().next(owner, reply).await?;
        match next {
            Some(queued) => self.send_from_queue(owner, queued, Parent::Message(reply)).await.map(drop),
            None => Ok(()),
        }
    }

    async fn send_from_queue(
        &self,
        owner: UserId,
        queued: Queued,
        parent: Parent,
    ) -> Result<Accepted, SendError> {
        let Queued { message, parallel } = queued;
        let conversation = Some(message.conversation_id);
        let order = Order {
            conversation,
            client_message_id: message.id,
            task: Task::Send { message_id: MessageId::new(), parent, content: message.content },
            earlier: None,
            offer: self.choose_model(owner, message.model, conversation).await?,
            parallel: self.find_offers(&parallel)?,
            settings: ConversationSettings::default(),
            options: message.options,
            queueing: Queueing::Queued,
        };
        // The conversation may have another model since the message was queued, or the model other abilities.
        self.check_files(owner, &order).await?;
        self.accept(owner, order).await
    }
}
