//! Messages that wait for the running reply to end. The server keeps them; the page shows them and sends new ones.

use std::mem;

use kaiwa_shared::{
    ClientMessageId, ConversationId,
    conversation::QueuedMessage,
    stream::{Parent, SendMessage},
    time::Millis,
};
use leptos::prelude::*;

use super::{Chat, Run};
use crate::{api::Error, state::drafts};

impl Chat {
    /// What is said next waits for the running reply. `None` while the server has not yet begun with that one, and
    /// where nothing is stored.
    pub fn can_queue(&self) -> Option<ConversationId> {
        let is_live = matches!(self.0.run.get_untracked(), Run::Live { .. });
        self.0.id.get_untracked().filter(|_| is_live && !self.is_temporary())
    }

    /// Lets `content` wait.
    pub fn enqueue(
        &self,
        conversation_id: ConversationId,
        content: String,
        model: Option<String>,
        now: Millis,
    ) -> SendMessage {
        let mut wanted = self.wanted(Parent::ShownEnd, model);
        wanted.content = content;
        wanted.queue = true;
        wanted.beside = self.others(wanted.model.as_deref());
        let waiting = QueuedMessage {
            id: wanted.client_message_id,
            conversation_id,
            content: wanted.content.clone(),
            model: wanted.model.clone(),
            options: wanted.options,
            created_at: now,
        };
        self.private().unsent.push(waiting.clone());
        self.0.failure.set(None);
        self.0.queued.update(|queued| queued.push(waiting));
        wanted
    }

    /// Puts a message behind those that are on their way into the queue; `false` if there are none and it must be sent
    /// by whoever asked, with all that come behind it.
    pub fn queue_behind_others(&self, wanted: SendMessage) -> bool {
        let mut private = self.private();
        private.undelivered.push_back(wanted);
        mem::replace(&mut private.delivers, true)
    }

    /// What is sent into the queue next.
    pub fn next_to_deliver(&self) -> Option<SendMessage> {
        let mut private = self.private();
        let next = private.undelivered.pop_front();
        private.delivers = next.is_some();
        next
    }

    /// The server keeps the message.
    pub fn enqueued(&self, id: ClientMessageId) {
        self.private().unsent.retain(|waiting| waiting.id != id);
    }

    /// The message no longer waits.
    pub fn dequeued(&self, id: ClientMessageId) {
        self.enqueued(id);
        self.0.queued.update(|queued| queued.retain(|waiting| waiting.id != id));
    }

    /// The message could not be queued: it goes back into the composer.
    pub fn not_queued(&self, wanted: &SendMessage, error: Error) {
        self.dequeued(wanted.client_message_id);
        self.put_back(&wanted.content);
        self.0.failure.set(Some(error));
    }

    /// Puts a text in front of what is typed.
    pub fn put_back(&self, text: &str) {
        self.0.draft.update(|draft| *draft = drafts::restore(text, draft));
    }

    /// Takes what the server says about the messages that wait. Those still on their way to it stay.
    pub fn set_queued(&self, mut queued: Vec<QueuedMessage>) {
        let mut private = self.private();
        let known = mem::take(&mut private.unsent);
        private.unsent =
            known.into_iter().filter(|waiting| queued.iter().all(|told| told.id != waiting.id)).collect();
        queued.extend_from_slice(&private.unsent);
        drop(private);
        if self.0.queued.with_untracked(|now| *now != queued) {
            self.0.queued.set(queued);
        }
    }
}
