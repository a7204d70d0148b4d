//! Queued messages: sent when the running reply has ended. The server keeps them; the page shows and adds them.

use std::{collections::VecDeque, mem};

use kaiwa_shared::{
    ClientMessageId, Content, ConversationId,
    conversation::QueuedMessage,
    stream::{Parent, SendMessage},
    time::Millis,
};
use leptos::prelude::*;

use super::Chat;
use crate::{api::Error, state::drafts};

impl Chat {
    /// The conversation whose queue takes the next message. `None` unless a reply is being written, and in a temporary
    /// conversation.
    pub fn queue_target(&self) -> Option<ConversationId> {
        let is_live = self.0.run.get_untracked().is_live();
        self.0.id.get_untracked().filter(|_| is_live && !self.is_temporary())
    }

    /// Shows `content` in the queue and returns the request that queues it.
    pub fn enqueue(
        &self,
        conversation_id: ConversationId,
        content: Content,
        model: Option<String>,
        now: Millis,
    ) -> SendMessage {
        let mut request = self.new_request(Parent::ShownEnd, model);
        request.content = content;
        request.queue = true;
        request.parallel = self.parallel_models(request.model.as_deref());
        let message = QueuedMessage {
            id: request.client_message_id,
            conversation_id,
            content: request.content.clone(),
            files: Vec::new(),
            model: request.model.clone(),
            options: request.options,
            created_at: now,
        };
        self.private().unsent.push(message.clone());
        self.0.failure.set(None);
        self.0.queued.update(|queued| queued.push(message));
        request
    }

    /// Adds a request to the outbox. Returns whether the caller has to send it, and all that are added after it;
    /// otherwise another task is already sending the outbox.
    pub fn push_outbox(&self, request: SendMessage) -> bool {
        let mut private = self.private();
        let is_idle = private.outbox.is_none();
        private.outbox.get_or_insert_default().push_back(request);
        is_idle
    }

    /// Takes the next request out of the outbox.
    pub fn pop_outbox(&self) -> Option<SendMessage> {
        let mut private = self.private();
        let next = private.outbox.as_mut().and_then(VecDeque::pop_front);
        if next.is_none() {
            private.outbox = None;
        }
        next
    }

    /// The server has queued the message.
    pub fn confirm_queued(&self, id: ClientMessageId) {
        self.private().unsent.retain(|message| message.id != id);
    }

    /// Removes the message from the queue.
    pub fn remove_queued(&self, id: ClientMessageId) {
        self.confirm_queued(id);
        self.0.queued.update(|queued| queued.retain(|message| message.id != id));
    }

    /// The message could not be queued: it goes back into the composer.
    pub fn fail_queued(&self, request: &SendMessage, error: Error) {
        self.remove_queued(request.client_message_id);
        self.put_back(&request.content);
        self.0.failure.set(Some(error));
    }

    /// Puts content in front of what is typed.
    pub fn put_back(&self, content: &Content) {
        self.0.draft.update(|draft| *draft = drafts::restore(content, draft));
    }

    /// Replaces the queue by the server's. Messages that the server has not queued yet stay.
    pub fn set_queued(&self, mut queued: Vec<QueuedMessage>) {
        let mut private = self.private();
        let unsent = mem::take(&mut private.unsent);
        private.unsent =
            unsent.into_iter().filter(|message| queued.iter().all(|known| known.id != message.id)).collect();
        queued.extend_from_slice(&private.unsent);
        drop(private);
        if self.0.queued.with_untracked(|now| *now != queued) {
            self.0.queued.set(queued);
        }
    }

    /// Sets the queued message that is sent as soon as the running reply has ended.
    pub fn set_next(&self, message: Option<QueuedMessage>) {
        self.private().next = message;
    }

    /// Takes the queued message that is to be sent now.
    pub fn take_next(&self) -> Option<QueuedMessage> {
        self.private().next.take().filter(|_| !self.is_running_untracked())
    }
}
