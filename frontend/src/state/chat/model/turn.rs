//! Saying something: from the composer to the place in the conversation, and back if the server does not take it.
//!
//! What is said goes out as a [`SendMessage`]. While it is on its way the page shows it, and hides what it replaces:
//! everything below the place where it hangs. Nothing is replaced on the server; the old branch stays beside the new.

use std::mem;

use kaiwa_shared::{
    ClientMessageId, GenerationId, MessageId,
    message::Author,
    stream::{BESIDE_MAX, Parent, SendMessage, Started, TemporaryMessage},
    time::Millis,
};
use leptos::prelude::*;

use super::{Chat, Run};
use crate::{
    api::Error,
    state::{chat::MessageHandle, drafts},
};

/// Replies that have begun, each with the generation that writes it.
pub type Begun = Vec<(MessageHandle, GenerationId)>;

impl Chat {
    /// Says `content` at the end of the branch, to every model that is chosen.
    pub fn say(&self, content: String, model: Option<String>) -> SendMessage {
        let mut wanted = self.wanted(self.end(), model);
        wanted.content = content;
        wanted.beside = self.others(wanted.model.as_deref());
        self.begin(wanted)
    }

    /// Says `content` beside `question`.
    pub fn say_instead(
        &self,
        question: &MessageHandle,
        content: String,
        model: Option<String>,
    ) -> SendMessage {
        let mut wanted = self.wanted(Parent::of(question.parent_id), model);
        wanted.content = content;
        self.begin(wanted)
    }

    /// Asks for another answer beside `reply`. `None` if its question is not on the page.
    pub fn regenerate(&self, reply: &MessageHandle, model: Option<String>) -> Option<SendMessage> {
        let question = self.find(reply.parent_id?)?;
        if self.is_temporary() {
            // Nobody but this page knows the question.
            return Some(self.say_instead(&question, question.text(), model));
        }
        let mut wanted = self.wanted(Parent::Message(question.id), model);
        wanted.regenerate = Some(reply.id);
        Some(self.begin(wanted))
    }

    /// Asks the model to go on with `reply`.
    pub fn go_on(&self, reply: &MessageHandle, model: Option<String>) -> SendMessage {
        let mut wanted = self.wanted(Parent::ShownEnd, model);
        wanted.continues = Some(reply.id);
        self.begin(wanted)
    }

    /// Tries once more what the server did not take. What was typed since stays in the composer.
    pub fn try_again(&self, model: Option<String>) -> Option<SendMessage> {
        let mut failed = self.private().failed.clone()?;
        failed.model = model.filter(|_| failed.continues.is_none()).or(failed.model);
        if failed.content.is_empty() || failed.parent_id != self.end() {
            return Some(self.begin(failed));
        }
        let typed = self.0.draft.get_untracked();
        let (content, rest) = match typed.strip_prefix(&failed.content) {
            Some(rest) => (failed.content, rest.trim_start().to_owned()),
            None if typed.trim().is_empty() => (failed.content, String::new()),
            // The reader has changed it, so the changed text is what they want to say.
            None => (typed, String::new()),
        };
        self.0.draft.set(rest);
        Some(self.say(content, failed.model))
    }

    pub(super) fn wanted(&self, parent_id: Parent, model: Option<String>) -> SendMessage {
        let conversation_id = self.0.id.get_untracked();
        SendMessage { conversation_id, parent_id, model, ..SendMessage::new(ClientMessageId::new()) }
    }

    /// Where the next message hangs.
    fn end(&self) -> Parent {
        let last = self.0.messages.read_untracked().last().map(|message| message.id);
        last.map_or(Parent::ShownEnd, Parent::Message)
    }

    /// The models that are to answer beside `first`.
    pub(super) fn others(&self, first: Option<&str>) -> Vec<String> {
        let compared = self.0.compared.read_untracked();
        compared.iter().filter(|model| Some(model.as_str()) != first).take(BESIDE_MAX).cloned().collect()
    }

    fn begin(&self, mut wanted: SendMessage) -> SendMessage {
        let failed = self.private().failed.take();
        // A repeat keeps its name, because the server may have accepted the message before the connection broke.
        if let Some(failed) = failed.filter(|failed| is_same(failed, &wanted)) {
            wanted.client_message_id = failed.client_message_id;
        }
        if wanted.continues.is_none() {
            let replaced = self.hide_below(wanted.parent_id);
            let beside = if self.0.beside.read_untracked().is_empty() {
                Vec::new()
            } else {
                self.0.beside.try_update(mem::take).unwrap_or_default()
            };
            let mut private = self.private();
            private.replaced = replaced;
            private.replaced_beside = beside;
        }
        self.0.failure.set(None);
        self.0.editing.set(None);
        self.0.outgoing.set(Some(wanted.clone()));
        self.0.run.set(Run::Starting { stop: false });
        wanted
    }

    /// Takes away what is shown below a place.
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

    /// The request that carries what is wanted.
    pub fn request(&self, wanted: &SendMessage) -> SendMessage {
        let mut request = wanted.clone();
        request.conversation_id = self.0.id.get_untracked();
        if request.content.is_empty() || self.is_temporary() {
            request.parent_id = Parent::ShownEnd;
        }
        if self.is_temporary() {
            let said =
                |message: &MessageHandle| TemporaryMessage { author: message.author, text: message.text() };
            request.temporary = Some(self.0.messages.read_untracked().iter().map(said).collect());
        }
        request
    }

    /// The server has the message: it and the empty replies take their places. Whether they shall stop at once.
    pub fn accepted(
        &self,
        user_message: MessageId,
        first: Started,
        others: Vec<Started>,
        now: Millis,
    ) -> (Begun, bool) {
        let stop = matches!(self.0.run.get_untracked(), Run::Starting { stop: true });
        let replaced = {
            let mut private = self.private();
            private.replaced_beside.clear();
            mem::take(&mut private.replaced)
        };
        let wanted = self.0.outgoing.try_update(Option::take).flatten();
        let begun = match self.find(first.message_id) {
            Some(known) => {
                if wanted.is_some_and(|wanted| wanted.continues.is_some()) {
                    known.resume();
                }
                vec![(known, first.generation_id)]
            }
            None => self.place(user_message, first, others, &replaced, wanted, now),
        };
        let new = begun.into_iter().filter(|(_, generation)| self.follows(*generation)).collect();
        (new, stop)
    }

    fn place(
        &self,
        user_message: MessageId,
        first: Started,
        others: Vec<Started>,
        replaced: &[MessageHandle],
        wanted: Option<SendMessage>,
        now: Millis,
    ) -> Begun {
        let (content, parent, again) = wanted.map_or_else(Default::default, |wanted| {
            (wanted.content, wanted.parent_id.message(), wanted.regenerate.is_some())
        });
        let replies: Vec<_> = [first].into_iter().chain(others).collect();
        let ids: Vec<_> = replies.iter().map(|reply| reply.message_id).collect();
        let before = |author| replaced.first().filter(|old| old.author == author);
        let siblings = match before(Author::Assistant).filter(|_| again) {
            Some(old) => old.siblings_and(&ids),
            None if ids.len() > 1 => ids,
            None => Vec::new(),
        };
        let begun: Begun = replies
            .into_iter()
            .map(|Started { message_id, generation_id, model }| {
                let model = Some(model).filter(|model| !model.is_empty());
                let reply = MessageHandle::reply(message_id, user_message, model, now);
                reply.inform(|details| details.siblings.clone_from(&siblings));
                (reply, generation_id)
            })
            .collect();
        let question = self.find(user_message).is_none().then(|| {
            let said = MessageHandle::said(user_message, parent, content, now);
            if let Some(old) = before(Author::User) {
                said.inform(|details| details.siblings = old.siblings_and(&[user_message]));
            }
            said
        });
        let mut handles = begun.iter().map(|(reply, _)| reply.clone());
        let shown = handles.next();
        let beside: Vec<_> = handles.collect();
        self.0.messages.update(|messages| messages.extend(question.into_iter().chain(shown)));
        if !beside.is_empty() {
            self.0.beside.set(beside);
        }
        begun
    }

    /// The message did not reach the server: it goes back into the composer, and what it replaced comes back.
    pub fn refused(&self, error: Error) {
        let (replaced, beside) = {
            let mut private = self.private();
            (mem::take(&mut private.replaced), mem::take(&mut private.replaced_beside))
        };
        if let Some(wanted) = self.0.outgoing.try_update(Option::take).flatten() {
            if replaced.is_empty() {
                self.0.draft.update(|draft| *draft = drafts::restore(&wanted.content, draft));
            } else {
                self.0.messages.update(|messages| messages.extend(replaced));
            }
            if !beside.is_empty() {
                self.0.beside.set(beside);
            }
            self.private().failed = Some(wanted);
        }
        self.0.failure.set(Some(error));
        self.0.run.set(Run::Idle);
    }
}

/// Both ask for the same thing at the same place.
fn is_same(one: &SendMessage, other: &SendMessage) -> bool {
    let asked = |wanted: &SendMessage| (wanted.parent_id, wanted.regenerate, wanted.continues);
    one.content == other.content && asked(one) == asked(other)
}
