//! The queue: messages that are sent when the running reply has ended.

use kaiwa_shared::{conversation::QueuedMessage, stream::SendMessage};
use leptos::task::spawn_local;

use super::Chats;
use crate::{api::chat::Sent, state::chat::Chat};

impl Chats {
    /// Queues a message after those whose requests are still under way, because concurrent requests may arrive in any
    /// order.
    pub(super) fn deliver_to_queue(self, chat: &Chat, request: SendMessage) {
        self.save_draft(chat);
        self.services().notices.announce(self.services().locale.words_now().composer.queued);
        if !chat.push_outbox(request) {
            return;
        }
        let chat = chat.clone();
        spawn_local(async move {
            while let Some(request) = chat.pop_outbox() {
                self.deliver_queued(&chat, &request).await;
            }
        });
    }

    async fn deliver_queued(self, chat: &Chat, request: &SendMessage) {
        match self.services().api.send(request).await {
            Ok(Sent::Queued) => chat.confirm_queued(request.client_message_id),
            // The reply had ended in the meantime, so the message was sent immediately.
            Ok(Sent::Stream(_)) => {
                chat.remove_queued(request.client_message_id);
                self.refetch(chat);
            }
            Err(error) => chat.fail_queued(request, error),
        }
        self.save_draft(chat);
    }

    /// Removes a message from the queue; with `put_back` it goes back into the composer.
    pub fn unqueue(self, chat: &Chat, message: QueuedMessage, put_back: bool) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.unqueue(message.conversation_id, message.id).await {
                Ok(()) => {
                    chat.remove_queued(message.id);
                    if put_back {
                        chat.put_back(&message.content);
                        self.save_draft(&chat);
                    }
                }
                Err(error) => self.queue_has_changed(&chat, &message, &error),
            }
        });
    }

    /// Sends a queued message now, after stopping the running reply.
    pub fn send_now(self, chat: &Chat, message: QueuedMessage) {
        if chat.is_running_untracked() {
            chat.set_next(Some(message));
            return self.stop(chat);
        }
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.send_queued(message.conversation_id, message.id).await {
                Ok(()) => {
                    chat.remove_queued(message.id);
                    self.refetch(&chat);
                }
                Err(error) => self.queue_has_changed(&chat, &message, &error),
            }
        });
    }

    fn queue_has_changed(self, chat: &Chat, message: &QueuedMessage, error: &crate::api::Error) {
        if error.code() == Some(kaiwa_shared::Code::NotFound) {
            // It was sent in the meantime.
            chat.remove_queued(message.id);
            self.refetch(chat);
        } else {
            self.fail(error);
        }
    }
}
