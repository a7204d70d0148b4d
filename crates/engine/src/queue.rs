//! Messages that wait for a running reply to end.
//!
//! What waits is sent when its reply has ended whole. After any other end, and after a restart, it waits for its owner.

use std::{future::Future, pin::Pin};

use kaiwa_shared::{
    ClientMessageId, ConversationId, MessageId, UserId,
    stream::{Parent, Started},
};
use kaiwa_store::entities::{Queueing, Task, Waiting};

use crate::{
    Engine, SendError,
    send::{Order, Placed},
};

/// How often a message that waits is offered while too many replies are being written.
const ATTEMPTS: u32 = 24;

impl Engine {
    /// Sends a message that waits now, at the end of the shown branch. What waited behind it waits for its reply. One
    /// that was sent already gives what it started then.
    pub async fn send_queued(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<Started, SendError> {
        if self.0.closing.is_cancelled() {
            return Err(SendError::ShuttingDown);
        }
        let turn = match self.0.store.queue().find(owner, conversation, id).await? {
            Some(waiting) => match self.send_waiting(owner, waiting, Parent::ShownEnd).await? {
                Placed::Stream(turn, _) => Some(turn),
                Placed::Queued(_) => None,
            },
            None => self.0.store.generations().sent(owner, id).await?,
        };
        let turn =
            turn.filter(|turn| turn.conversation_id == conversation).ok_or(SendError::MessageNotFound)?;
        Ok(Started { message_id: turn.reply_id, generation_id: turn.generation_id, model: turn.model })
    }

    /// Forgets a message that waits; `true` if it was there.
    pub async fn remove_queued(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> kaiwa_store::Result<bool> {
        let removed = self.0.store.queue().delete(owner, conversation, id).await?;
        if removed {
            self.announce_queue(owner, conversation).await;
        }
        Ok(removed)
    }

    /// Sends the first message that waits for this reply, which has ended whole.
    ///
    /// Boxed, because the reply to it ends in this function too.
    pub(crate) fn send_next(
        &self,
        owner: UserId,
        conversation: ConversationId,
        reply: MessageId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let engine = self.clone();
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                if engine.0.closing.is_cancelled() {
                    return;
                }
                let wait = match engine.try_send_next(owner, reply).await {
                    Ok(()) => return,
                    Err(SendError::TooMany { retry_after }) => retry_after,
                    Err(error) => {
                        // The error itself may name what somebody wrote.
                        tracing::warn!(%conversation, kind = error.kind(), "a message that waits could not be sent");
                        return;
                    }
                };
                tokio::select! {
                    () = engine.0.closing.cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        })
    }

    async fn try_send_next(&self, owner: UserId, reply: MessageId) -> Result<(), SendError> {
        match self.0.store.queue().next(owner, reply).await? {
            Some(waiting) => self.send_waiting(owner, waiting, Parent::Message(reply)).await.map(drop),
            None => Ok(()),
        }
    }

    async fn send_waiting(
        &self,
        owner: UserId,
        waiting: Waiting,
        parent: Parent,
    ) -> Result<Placed, SendError> {
        let Waiting { message, beside } = waiting;
        let conversation = Some(message.conversation_id);
        let order = Order {
            conversation,
            client_message_id: message.id,
            task: Task::Say { message_id: MessageId::new(), parent, content: message.content },
            earlier: None,
            offer: self.choose_model(owner, message.model, conversation).await?,
            beside: self.find_offers(&beside)?,
            options: message.options,
            queueing: Queueing::Waited,
        };
        self.place(owner, order).await
    }
}
