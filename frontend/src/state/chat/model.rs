//! The signals of one open conversation and the rules by which they change.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId,
    conversation::Transcript,
    message::{Author, Message, Status},
    stream::Parent,
    time::Millis,
};
use leptos::prelude::*;

use super::{Attempt, MessageHandle};
use crate::{api::Error, state::drafts};

/// How far the messages have come.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// They are on the way.
    Loading,
    /// They are here.
    Ready,
    /// They did not arrive.
    Failed(Error),
}

/// The reply that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// None is.
    Idle,
    /// The message is on its way; the server has not accepted it yet.
    Starting {
        /// It shall stop as soon as it has begun.
        stop: bool,
    },
    /// A generation writes it.
    Live {
        /// The generation.
        generation: GenerationId,
        /// The server was asked to stop it.
        stopping: bool,
    },
}

impl Run {
    /// The reader has asked it to stop.
    pub fn is_stopping(self) -> bool {
        matches!(self, Self::Starting { stop: true } | Self::Live { stopping: true, .. })
    }
}

/// An open conversation. Cloning it clones the handle.
#[derive(Clone)]
pub struct Chat(Arc<Inner>);

struct Inner {
    id: ArcRwSignal<Option<ConversationId>>,
    phase: ArcRwSignal<Phase>,
    messages: ArcRwSignal<Vec<MessageHandle>>,
    has_earlier: ArcRwSignal<bool>,
    loading_earlier: ArcRwSignal<bool>,
    outgoing: ArcRwSignal<Option<Attempt>>,
    failure: ArcRwSignal<Option<Error>>,
    run: ArcRwSignal<Run>,
    reconnecting: ArcRwSignal<bool>,
    draft: ArcRwSignal<String>,
    model: ArcRwSignal<Option<String>>,
    /// Messages that a resend replaces; they come back if it fails.
    replaced: Mutex<Vec<MessageHandle>>,
    failed: Mutex<Option<Attempt>>,
    closed: AtomicBool,
}

impl PartialEq for Chat {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Chat {
    /// A conversation that has not begun.
    pub fn blank() -> Self {
        Self::new(None, Phase::Ready)
    }

    /// A conversation whose messages are to be fetched.
    pub fn of(id: ConversationId) -> Self {
        Self::new(Some(id), Phase::Loading)
    }

    fn new(id: Option<ConversationId>, phase: Phase) -> Self {
        Self(Arc::new(Inner {
            id: ArcRwSignal::new(id),
            phase: ArcRwSignal::new(phase),
            messages: ArcRwSignal::new(Vec::new()),
            has_earlier: ArcRwSignal::new(false),
            loading_earlier: ArcRwSignal::new(false),
            outgoing: ArcRwSignal::new(None),
            failure: ArcRwSignal::new(None),
            run: ArcRwSignal::new(Run::Idle),
            reconnecting: ArcRwSignal::new(false),
            draft: ArcRwSignal::new(String::new()),
            model: ArcRwSignal::new(None),
            replaced: Mutex::new(Vec::new()),
            failed: Mutex::new(None),
            closed: AtomicBool::new(false),
        }))
    }

    /// The conversation's id, once it has one.
    pub fn id(&self) -> &ArcRwSignal<Option<ConversationId>> {
        &self.0.id
    }

    /// How far the messages have come.
    pub fn phase(&self) -> &ArcRwSignal<Phase> {
        &self.0.phase
    }

    /// The messages of the shown branch, oldest first.
    pub fn messages(&self) -> &ArcRwSignal<Vec<MessageHandle>> {
        &self.0.messages
    }

    /// There are older messages to fetch.
    pub fn has_earlier(&self) -> &ArcRwSignal<bool> {
        &self.0.has_earlier
    }

    /// Older messages are on the way.
    pub fn loading_earlier(&self) -> &ArcRwSignal<bool> {
        &self.0.loading_earlier
    }

    /// What was said and is not yet accepted.
    pub fn outgoing(&self) -> &ArcRwSignal<Option<Attempt>> {
        &self.0.outgoing
    }

    /// Why the last message could not be sent.
    pub fn failure(&self) -> &ArcRwSignal<Option<Error>> {
        &self.0.failure
    }

    /// The reply that is being written.
    pub fn run(&self) -> &ArcRwSignal<Run> {
        &self.0.run
    }

    /// The connection was lost a while ago and is being made again.
    pub fn reconnecting(&self) -> &ArcRwSignal<bool> {
        &self.0.reconnecting
    }

    /// What is typed in the composer.
    pub fn draft(&self) -> &ArcRwSignal<String> {
        &self.0.draft
    }

    /// The model that was chosen before the conversation began.
    pub fn model(&self) -> &ArcRwSignal<Option<String>> {
        &self.0.model
    }

    /// A reply is on its way.
    pub fn is_running(&self) -> bool {
        self.0.run.get() != Run::Idle
    }

    /// The same, without following it.
    pub fn is_running_untracked(&self) -> bool {
        self.0.run.get_untracked() != Run::Idle
    }

    /// Nothing was said yet.
    pub fn is_blank(&self) -> bool {
        self.0.id.get().is_none() && self.0.outgoing.read().is_none()
    }

    /// What has to be kept of the composer: a message on its way is not safe before the server has it.
    pub fn unsent(&self) -> String {
        let typed = self.0.draft.get_untracked();
        match &*self.0.outgoing.read_untracked() {
            Some(attempt) => drafts::restore(&attempt.content, &typed),
            None => typed,
        }
    }

    /// Ends everything that goes on for this conversation in this tab.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// The conversation is gone from this tab.
    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    /// Says `content` at the end of the branch.
    pub fn say(&self, content: String, model: Option<String>) -> Attempt {
        let parent = self.end();
        self.begin(content, parent, model)
    }

    /// Where the next message hangs.
    fn end(&self) -> Parent {
        let last = self.0.messages.read_untracked().last().map(|message| message.id);
        last.map_or(Parent::ShownEnd, Parent::Message)
    }

    /// Says again what `reply` was to answer, beside the first time. `None` if that is not on the page.
    pub fn say_again(&self, reply: &MessageHandle, model: Option<String>) -> Option<Attempt> {
        let (at, question) = {
            let messages = self.0.messages.read_untracked();
            let at = messages.iter().position(|message| Some(message.id) == reply.parent_id)?;
            (at, messages.get(at)?.clone())
        };
        let hidden = self.0.messages.try_update(|messages| messages.split_off(at)).unwrap_or_default();
        *self.0.replaced.lock().unwrap_or_else(PoisonError::into_inner) = hidden;
        Some(self.begin(question.text(), Parent::of(question.parent_id), model))
    }

    /// Says once more what could not be sent. What was typed since stays in the composer.
    pub fn try_again(&self, model: Option<String>) -> Option<Attempt> {
        let failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        if failed.parent != self.end() {
            let last = self.0.messages.read_untracked().last().cloned();
            return self.say_again(&last?, model);
        }
        let typed = self.0.draft.get_untracked();
        let (content, rest) = match typed.strip_prefix(&failed.content) {
            Some(rest) => (failed.content, rest.trim_start().to_owned()),
            None if typed.trim().is_empty() => (failed.content, String::new()),
            // The reader has changed it, so the changed text is what they want to say.
            None => (typed, String::new()),
        };
        self.0.draft.set(rest);
        Some(self.say(content, model))
    }

    fn begin(&self, content: String, parent: Parent, model: Option<String>) -> Attempt {
        let failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let attempt = Attempt::new(failed.as_ref(), content, parent, model);
        self.0.failure.set(None);
        self.0.outgoing.set(Some(attempt.clone()));
        self.0.run.set(Run::Starting { stop: false });
        attempt
    }

    /// The server has the message: it and the empty reply take their places. Whether the reply shall stop at once.
    pub fn accepted(
        &self,
        user_message: MessageId,
        reply: MessageId,
        generation: GenerationId,
        now: Millis,
    ) -> (MessageHandle, bool) {
        let stop = matches!(self.0.run.get_untracked(), Run::Starting { stop: true });
        let attempt = self.0.outgoing.try_update(Option::take).flatten();
        self.0.replaced.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let (content, parent, model) = attempt
            .map(|attempt| (attempt.content, attempt.parent.message(), attempt.model))
            .unwrap_or_default();
        let known = self.find(reply);
        let handle = known.unwrap_or_else(|| {
            let handle = MessageHandle::reply(reply, user_message, model, now);
            let said = MessageHandle::said(user_message, parent, content, now);
            let has_question = self.find(user_message).is_some();
            self.0.messages.update(|messages| {
                if !has_question {
                    messages.push(said);
                }
                messages.push(handle.clone());
            });
            handle
        });
        self.0.run.set(Run::Live { generation, stopping: false });
        (handle, stop)
    }

    /// The message did not reach the server: it goes back into the composer, and what it replaced comes back.
    pub fn refused(&self, error: Error) {
        let replaced = std::mem::take(&mut *self.0.replaced.lock().unwrap_or_else(PoisonError::into_inner));
        let attempt = self.0.outgoing.try_update(Option::take).flatten();
        if let Some(attempt) = attempt {
            if replaced.is_empty() {
                self.0.draft.update(|draft| *draft = drafts::restore(&attempt.content, draft));
            } else {
                self.0.messages.update(|messages| messages.extend(replaced));
            }
            *self.0.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(attempt);
        }
        self.0.failure.set(Some(error));
        self.0.run.set(Run::Idle);
    }

    /// No generation writes any more.
    pub fn finished(&self) {
        self.0.reconnecting.set(false);
        self.0.run.set(Run::Idle);
    }

    /// The message with this id, if it is on the page.
    pub fn find(&self, id: MessageId) -> Option<MessageHandle> {
        self.0.messages.read_untracked().iter().find(|message| message.id == id).cloned()
    }

    /// Shows what the server has. A message that is already shown keeps its handle; older ones stay.
    /// Gives back the reply that a generation is filling at this moment.
    pub fn show(&self, transcript: Transcript) -> Option<(MessageHandle, GenerationId)> {
        let first = transcript.messages.first().map(|message| message.id);
        let earlier = {
            let messages = self.0.messages.read_untracked();
            let at = messages.iter().position(|message| Some(message.id) == first).unwrap_or(0);
            messages.get(..at).unwrap_or_default().to_vec()
        };
        if earlier.is_empty() {
            self.0.has_earlier.set(transcript.has_earlier);
        }
        let newer = transcript.messages.into_iter().map(|message| self.handle(message));
        let messages: Vec<_> = earlier.into_iter().chain(newer).collect();
        let running = transcript.running.and_then(|generation| {
            let reply = messages.iter().rev().find(|message| message.author == Author::Assistant)?;
            Some((reply.clone(), generation))
        });
        let ids = |messages: &[MessageHandle]| messages.iter().map(|message| message.id).collect::<Vec<_>>();
        if ids(&self.0.messages.read_untracked()) != ids(&messages) {
            self.0.messages.set(messages);
        }
        self.0.phase.set(Phase::Ready);
        if let Some((reply, generation)) = &running {
            reply.status.set(Status::Streaming);
            self.0.run.set(Run::Live { generation: *generation, stopping: false });
        }
        running
    }

    fn handle(&self, message: Message) -> MessageHandle {
        match self.find(message.id) {
            Some(handle) => {
                handle.refresh(message);
                handle
            }
            None => MessageHandle::of(message),
        }
    }

    /// Puts older messages in front.
    pub fn prepend(&self, transcript: Transcript) {
        self.0.has_earlier.set(transcript.has_earlier);
        let older: Vec<_> = transcript
            .messages
            .into_iter()
            .filter(|message| self.find(message.id).is_none())
            .map(MessageHandle::of)
            .collect();
        self.0.messages.update(|messages| {
            messages.splice(0..0, older);
        });
    }
}

#[cfg(test)]
mod tests;
