//! Messages that wait for the running reply to end.

use kaiwa_shared::{conversation::QueuedMessage, stream::SendMessage};
use leptos::task::spawn_local;

use super::Chats;
use crate::{api::chat::Sent, state::chat::Chat};

impl Chats {
    /// Sends a message into the queue, after those that are still on their way there: requests that travel together may
    /// arrive in any order.
    pub(super) fn deliver_to_queue(self, chat: &Chat, wanted: SendMessage) {
        self.save_draft(chat);
        self.services().notices.announce(self.services().locale.words_now().queued);
        if chat.queue_behind_others(wanted) {
            return;
        }
        let chat = chat.clone();
        spawn_local(async move {
            while let Some(wanted) = chat.next_to_deliver() {
                self.deliver_queued(&chat, &wanted).await;
            }
        });
    }

    async fn deliver_queued(self, chat: &Chat, wanted: &SendMessage) {
        match self.services().api.send(wanted).await {
            Ok(Sent::Queued) => chat.enqueued(wanted.client_message_id),
            // The reply had ended by then, so the message was sent at once.
            Ok(Sent::Stream(_)) => {
                chat.dequeued(wanted.client_message_id);
                self.look_again(chat);
            }
            Err(error) => chat.not_queued(wanted, error),
        }
        self.save_draft(chat);
    }

    /// Takes a message out of the queue; with `put_back` it returns to the composer.
    pub fn unqueue(self, chat: &Chat, waiting: QueuedMessage, put_back: bool) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.unqueue(waiting.conversation_id, waiting.id).await {
                Ok(()) => {
                    chat.dequeued(waiting.id);
                    if put_back {
                        chat.put_back(&waiting.content);
                        self.save_draft(&chat);
                    }
                }
                Err(error) => self.queue_has_changed(&chat, &waiting, &error),
            }
        });
    }

    /// Sends a message now: the running reply is stopped for it.
    pub fn send_now(self, chat: &Chat, waiting: QueuedMessage) {
        if chat.is_running_untracked() {
            chat.set_next(Some(waiting));
            return self.stop(chat);
        }
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.send_queued(waiting.conversation_id, waiting.id).await {
                Ok(()) => {
                    chat.dequeued(waiting.id);
                    self.look_again(&chat);
                }
                Err(error) => self.queue_has_changed(&chat, &waiting, &error),
            }
        });
    }

    fn queue_has_changed(self, chat: &Chat, waiting: &QueuedMessage, error: &crate::api::Error) {
        if error.code() == Some(kaiwa_shared::Code::NotFound) {
            // It was sent in the meantime.
            chat.dequeued(waiting.id);
            self.look_again(chat);
        } else {
            self.fail(error);
        }
    }
}
