//! Sending a message: from the composer into the conversation, and back if the server refuses it.
//!
//! While a [`SendMessage`] is under way, the page shows it and hides the messages that it replaces: everything below its
//! parent. Nothing is replaced on the server, where the old branch stays a sibling of the new one.

use std::mem;

use kaiwa_shared::{
    ClientMessageId, Content, GenerationId, MessageId,
    message::Author,
    stream::{MAX_PARALLEL, Parent, SendMessage, Started, TemporaryMessage},
    time::Millis,
};
use leptos::prelude::*;

use super::{Chat, Run};
use crate::{api::Error, state::chat::MessageHandle};

/// Replies that have begun, each with the generation that writes it.
pub type Begun = Vec<(MessageHandle, GenerationId)>;

impl Chat {
    /// Sends `content` at the end of the branch, to all chosen models.
    pub fn send(&self, content: Content, model: Option<String>) -> SendMessage {
        let mut request = self.new_request(self.end(), model);
        request.content = content;
        request.parallel = self.parallel_models(request.model.as_deref());
        self.begin(request)
    }

    /// Sends `content` as a sibling of `question`.
    pub fn send_instead(
        &self,
        question: &MessageHandle,
        content: Content,
        model: Option<String>,
    ) -> SendMessage {
        let mut request = self.new_request(Parent::of(question.parent_id), model);
        request.content = content;
        self.begin(request)
    }

    /// Requests another reply as a sibling of `reply`. `None` if its question is not on the page.
    pub fn regenerate(&self, reply: &MessageHandle, model: Option<String>) -> Option<SendMessage> {
        let question = self.find(reply.parent_id?)?;
        if self.is_temporary() {
            // Only this page has the question.
            return Some(self.send_instead(&question, question.content_with(question.text()), model));
        }
        let mut request = self.new_request(Parent::Message(question.id), model);
        request.regenerate = Some(reply.id);
        Some(self.begin(request))
    }

    /// Asks the model to continue `reply`.
    pub fn continue_reply(&self, reply: &MessageHandle, model: Option<String>) -> SendMessage {
        let mut request = self.new_request(Parent::ShownEnd, model);
        request.continues = Some(reply.id);
        self.begin(request)
    }

    /// Sends the failed message again. Text that was typed since stays in the composer.
    pub fn retry(&self, model: Option<String>) -> Option<SendMessage> {
        let mut failed = self.private().failed.clone()?;
        failed.model = model.filter(|_| failed.continues.is_none()).or(failed.model);
        if failed.content.is_empty() || failed.parent_id != self.end() {
            return Some(self.begin(failed));
        }
        let typed = self.0.draft.get_untracked();
        let (content, rest) = match typed.text().strip_prefix(&failed.content.text()) {
            Some(rest) if typed.files().eq(failed.content.files()) => {
                (failed.content, rest.trim_start().into())
            }
            _ if typed.is_blank() => (failed.content, Content::default()),
            // The user has edited the text, so the edited message is sent.
            _ => (typed, Content::default()),
        };
        self.0.draft.set(rest);
        Some(self.send(content, failed.model))
    }

    pub(super) fn new_request(&self, parent_id: Parent, model: Option<String>) -> SendMessage {
        let conversation_id = self.0.id.get_untracked();
        SendMessage { conversation_id, parent_id, model, ..SendMessage::new(ClientMessageId::new()) }
    }

    /// The parent of the next message.
    fn end(&self) -> Parent {
        let last = self.0.messages.read_untracked().last().map(|message| message.id);
        last.map_or(Parent::ShownEnd, Parent::Message)
    }

    /// The models that answer in parallel to `first`.
    pub(super) fn parallel_models(&self, first: Option<&str>) -> Vec<String> {
        let compared = self.0.compared.read_untracked();
        compared.iter().filter(|model| Some(model.as_str()) != first).take(MAX_PARALLEL).cloned().collect()
    }

    fn begin(&self, mut request: SendMessage) -> SendMessage {
        let failed = self.private().failed.take();
        // A retry keeps its id, because the server may have accepted the message before the connection was lost.
        if let Some(failed) = failed.filter(|failed| is_same(failed, &request)) {
            request.client_message_id = failed.client_message_id;
        }
        if request.continues.is_none() {
            let replaced = self.hide_below(request.parent_id);
            let parallel = if self.0.parallel.read_untracked().is_empty() {
                Vec::new()
            } else {
                self.0.parallel.try_update(mem::take).unwrap_or_default()
            };
            let mut private = self.private();
            private.replaced = replaced;
            private.replaced_parallel = parallel;
        }
        self.0.failure.set(None);
        self.0.editing.set(None);
        self.0.outgoing.set(Some(request.clone()));
        self.advance(|_| Run::Starting);
        request
    }

    /// Removes the shown messages below a parent.
    fn hide_below(&self, parent: Parent) -> Vec<MessageHandle> {
        let at = {
            let messages = self.0.messages.read_untracked();
            let at = match parent {
                Parent::ShownEnd => messages.len(),
                Parent::Top => 0,
                Parent::Message(id) => {
                    messages.iter().position(|message| message.id == id).map_or(messages.len(), |at| at + 1)
                }
            };
            if at >= messages.len() {
                return Vec::new();
            }
            at
        };
        self.0.messages.try_update(|messages| messages.split_off(at)).unwrap_or_default()
    }

    /// Completes the request with what is known only when it is sent.
    pub fn complete(&self, request: &SendMessage) -> SendMessage {
        let mut request = request.clone();
        request.conversation_id = self.0.id.get_untracked();
        let settings = self.0.settings.get_untracked();
        request.settings =
            Some(settings).filter(|chosen| request.conversation_id.is_none() && !chosen.is_default());
        if request.content.is_empty() || self.is_temporary() {
            request.parent_id = Parent::ShownEnd;
        }
        if self.is_temporary() {
            let history = |message: &MessageHandle| TemporaryMessage {
                author: message.author,
                content: message.content_with(message.text()),
            };
            request.temporary = Some(self.0.messages.read_untracked().iter().map(history).collect());
        }
        request
    }

    /// The server has accepted the message: inserts it and the empty replies. Returns the replies to follow, and whether
    /// the user has already asked to stop them.
    pub fn accept(
        &self,
        user_message: MessageId,
        first: Started,
        others: Vec<Started>,
        now: Millis,
    ) -> (Begun, bool) {
        let stop = self.0.run.get_untracked() == Run::Cancelled;
        let replaced = {
            let mut private = self.private();
            private.replaced_parallel.clear();
            mem::take(&mut private.replaced)
        };
        let request = self.0.outgoing.try_update(Option::take).flatten();
        let begun = match self.find(first.message_id) {
            Some(known) => {
                if request.is_some_and(|request| request.continues.is_some()) {
                    known.resume();
                }
                vec![(known, first.generation_id)]
            }
            None => self.insert(user_message, first, others, &replaced, request, now),
        };
        let new = begun.into_iter().filter(|(_, generation)| self.follow(*generation)).collect();
        (new, stop)
    }

    fn insert(
        &self,
        user_message: MessageId,
        first: Started,
        others: Vec<Started>,
        replaced: &[MessageHandle],
        request: Option<SendMessage>,
        now: Millis,
    ) -> Begun {
        let (content, parent, is_regeneration) = request.map_or_else(Default::default, |request| {
            (request.content, request.parent_id.message(), request.regenerate.is_some())
        });
        let replies: Vec<_> = [first].into_iter().chain(others).collect();
        let ids: Vec<_> = replies.iter().map(|reply| reply.message_id).collect();
        let before = |author| replaced.first().filter(|old| old.author == author);
        let siblings = match before(Author::Assistant).filter(|_| is_regeneration) {
            Some(old) => old.siblings_and(&ids),
            None if ids.len() > 1 => ids,
            None => Vec::new(),
        };
        let begun: Begun = replies
            .into_iter()
            .map(|Started { message_id, generation_id, model }| {
                let model = Some(model).filter(|model| !model.is_empty());
                let reply = MessageHandle::reply(message_id, user_message, model, now);
                reply.update_details(|details| details.siblings.clone_from(&siblings));
                (reply, generation_id)
            })
            .collect();
        let question = self.find(user_message).is_none().then(|| {
            let sent = MessageHandle::sent(user_message, parent, &content, now);
            if let Some(old) = before(Author::User) {
                sent.update_details(|details| details.siblings = old.siblings_and(&[user_message]));
            }
            sent
        });
        let mut handles = begun.iter().map(|(reply, _)| reply.clone());
        let shown = handles.next();
        let parallel: Vec<_> = handles.collect();
        self.0.messages.update(|messages| messages.extend(question.into_iter().chain(shown)));
        if !parallel.is_empty() {
            self.0.parallel.set(parallel);
        }
        begun
    }

    /// The message could not be sent: it goes back into the composer, and the messages that it replaced come back.
    pub fn refuse(&self, error: Error) {
        let (replaced, parallel) = {
            let mut private = self.private();
            (mem::take(&mut private.replaced), mem::take(&mut private.replaced_parallel))
        };
        if let Some(request) = self.0.outgoing.try_update(Option::take).flatten() {
            if replaced.is_empty() {
                self.put_back(&request.content);
            } else {
                self.0.messages.update(|messages| messages.extend(replaced));
            }
            if !parallel.is_empty() {
                self.0.parallel.set(parallel);
            }
            self.private().failed = Some(request);
        }
        self.0.failure.set(Some(error));
        self.advance(|_| Run::Idle);
    }
}

/// Both are the same request.
fn is_same(one: &SendMessage, other: &SendMessage) -> bool {
    let target = |request: &SendMessage| (request.parent_id, request.regenerate, request.continues);
    one.content == other.content && target(one) == target(other)
}
