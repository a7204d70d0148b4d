//! The signals of one open conversation and the rules by which they change.

mod queue;
mod turn;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId,
    conversation::{QueuedMessage, Subtree, Transcript},
    message::{Author, Message, Status},
    stream::SendMessage,
};
use leptos::prelude::*;

pub use self::turn::Begun;
use super::MessageHandle;
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

/// The reply that is being written, or the replies where several models answer.
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
        /// The server was asked to stop it.
        stopping: bool,
    },
}

impl Run {
    /// The reader has asked it to stop.
    pub fn is_stopping(self) -> bool {
        matches!(self, Self::Starting { stop: true } | Self::Live { stopping: true })
    }
}

/// The way from one version of a message to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// To the one before.
    Previous,
    /// To the one after.
    Next,
}

/// A message that its reader wants to delete, and what goes with it.
pub type Doomed = (MessageId, Subtree);

/// An open conversation. Cloning it clones the handle.
#[derive(Clone)]
pub struct Chat(Arc<Inner>);

struct Inner {
    id: ArcRwSignal<Option<ConversationId>>,
    phase: ArcRwSignal<Phase>,
    messages: ArcRwSignal<Vec<MessageHandle>>,
    beside: ArcRwSignal<Vec<MessageHandle>>,
    queued: ArcRwSignal<Vec<QueuedMessage>>,
    has_earlier: ArcRwSignal<bool>,
    loading_earlier: ArcRwSignal<bool>,
    outgoing: ArcRwSignal<Option<SendMessage>>,
    failure: ArcRwSignal<Option<Error>>,
    run: ArcRwSignal<Run>,
    reconnecting: ArcRwSignal<bool>,
    draft: ArcRwSignal<String>,
    model: ArcRwSignal<Option<String>>,
    compared: ArcRwSignal<Vec<String>>,
    editing: ArcRwSignal<Option<MessageId>>,
    doomed: ArcRwSignal<Option<Doomed>>,
    temporary: bool,
    closed: AtomicBool,
    private: Mutex<Private>,
}

/// What nobody needs to follow.
#[derive(Default)]
struct Private {
    /// Messages that what is on its way replaces; they come back if it fails.
    replaced: Vec<MessageHandle>,
    /// Other models' answers that go with them.
    replaced_beside: Vec<MessageHandle>,
    /// What the server did not take.
    failed: Option<SendMessage>,
    /// Messages on their way into the queue.
    unsent: Vec<QueuedMessage>,
    /// Those of them that have not even set out, because another one is on its way.
    undelivered: VecDeque<SendMessage>,
    delivers: bool,
    /// The generations that are listened to.
    live: Vec<GenerationId>,
    /// The messages are being fetched.
    loading: bool,
    /// Generations that have begun elsewhere while others were listened to.
    unknown: Vec<GenerationId>,
    /// Something changed elsewhere in the meantime.
    stale: bool,
    /// The message that is sent as soon as nothing is written any more.
    next: Option<QueuedMessage>,
    /// The version that the reader has turned to and does not see yet.
    turned: Option<(MessageId, Turn)>,
}

impl PartialEq for Chat {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)+) => {
        impl Chat {
            $($(#[$doc])* pub fn $name(&self) -> &ArcRwSignal<$kind> {
                &self.0.$name
            })+
        }
    };
}

signals! {
    /// The conversation's id, once it has one.
    id: Option<ConversationId>,
    /// How far the messages have come.
    phase: Phase,
    /// The messages of the shown branch, oldest first.
    messages: Vec<MessageHandle>,
    /// What other models answered beside the last message, where several were asked.
    beside: Vec<MessageHandle>,
    /// Messages that wait for the running reply to end.
    queued: Vec<QueuedMessage>,
    /// There are older messages to fetch.
    has_earlier: bool,
    /// Older messages are on the way.
    loading_earlier: bool,
    /// What was said and is not yet accepted.
    outgoing: Option<SendMessage>,
    /// Why the last message could not be sent.
    failure: Option<Error>,
    /// The reply that is being written.
    run: Run,
    /// The connection was lost a while ago and is being made again.
    reconnecting: bool,
    /// What is typed in the composer.
    draft: String,
    /// The model that was chosen before the conversation began.
    model: Option<String>,
    /// The models that answer beside the chosen one.
    compared: Vec<String>,
    /// The message that its reader is changing.
    editing: Option<MessageId>,
    /// The message that its reader wants to delete.
    doomed: Option<Doomed>,
}

impl Chat {
    /// A conversation that has not begun.
    pub fn blank() -> Self {
        Self::new(None, Phase::Ready, false)
    }

    /// A conversation of which nothing is stored.
    pub fn temporary() -> Self {
        Self::new(None, Phase::Ready, true)
    }

    /// A conversation whose messages are to be fetched.
    pub fn of(id: ConversationId) -> Self {
        Self::new(Some(id), Phase::Loading, false)
    }

    fn new(id: Option<ConversationId>, phase: Phase, temporary: bool) -> Self {
        Self(Arc::new(Inner {
            id: ArcRwSignal::new(id),
            phase: ArcRwSignal::new(phase),
            messages: ArcRwSignal::new(Vec::new()),
            beside: ArcRwSignal::new(Vec::new()),
            queued: ArcRwSignal::new(Vec::new()),
            has_earlier: ArcRwSignal::new(false),
            loading_earlier: ArcRwSignal::new(false),
            outgoing: ArcRwSignal::new(None),
            failure: ArcRwSignal::new(None),
            run: ArcRwSignal::new(Run::Idle),
            reconnecting: ArcRwSignal::new(false),
            draft: ArcRwSignal::new(String::new()),
            model: ArcRwSignal::new(None),
            compared: ArcRwSignal::new(Vec::new()),
            editing: ArcRwSignal::new(None),
            doomed: ArcRwSignal::new(None),
            temporary,
            closed: AtomicBool::new(false),
            private: Mutex::default(),
        }))
    }

    fn private(&self) -> MutexGuard<'_, Private> {
        // Nothing can go wrong while it is held, so a lock that was poisoned hides nothing.
        self.0.private.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing of it is stored.
    pub fn is_temporary(&self) -> bool {
        self.0.temporary
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
        self.0.id.get().is_none() && self.0.outgoing.read().is_none() && self.0.messages.read().is_empty()
    }

    /// What has to be kept of the composer: a message on its way is not safe before the server has it.
    pub fn unsent(&self) -> String {
        let mut typed = self.0.draft.get_untracked();
        for waiting in self.private().unsent.iter().rev() {
            typed = drafts::restore(&waiting.content, &typed);
        }
        match &*self.0.outgoing.read_untracked() {
            Some(wanted) => drafts::restore(&wanted.content, &typed),
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

    /// The generations that are listened to.
    pub fn live(&self) -> Vec<GenerationId> {
        self.private().live.clone()
    }

    /// A generation is listened to from here on; whether it was not before.
    fn follows(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.unknown.retain(|other| *other != generation);
        let is_new = !private.live.contains(&generation);
        if is_new {
            private.live.push(generation);
        }
        drop(private);
        if !matches!(self.0.run.get_untracked(), Run::Live { .. }) {
            self.0.run.set(Run::Live { stopping: false });
        }
        is_new
    }

    /// A generation writes no more. Whether what is shown has to be fetched again, because of what happened elsewhere.
    pub fn finished(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.live.retain(|other| *other != generation);
        if !private.live.is_empty() {
            return false;
        }
        drop(private);
        self.0.reconnecting.set(false);
        self.0.run.set(Run::Idle);
        self.has_missed() || !self.0.queued.read_untracked().is_empty()
    }

    /// A generation has begun, here or elsewhere. Whether the messages have to be fetched to find it.
    pub fn has_begun(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        if private.live.contains(&generation) {
            return false;
        }
        let is_busy = private.loading || self.is_running_untracked();
        if is_busy && !private.unknown.contains(&generation) {
            private.unknown.push(generation);
        }
        !is_busy
    }

    /// Something has changed elsewhere. Whether the messages can be fetched at once: not while a reply is written, nor
    /// while they are being fetched.
    pub fn has_changed(&self) -> bool {
        let mut private = self.private();
        let is_busy = private.loading || self.is_running_untracked();
        private.stale |= is_busy;
        !is_busy
    }

    /// Whether something has happened elsewhere that was put off; it no longer is.
    fn has_missed(&self) -> bool {
        let mut private = self.private();
        let missed = private.stale || !private.unknown.is_empty();
        private.stale = false;
        private.unknown.clear();
        missed
    }

    /// The messages are being fetched from here on; `false` if they already are, and then they will be once more.
    pub fn begins_loading(&self) -> bool {
        let mut private = self.private();
        let begins = !private.loading;
        private.stale |= !begins;
        private.loading = true;
        begins
    }

    /// The messages have come. Whether they may be shown: what was fetched before a reply began is older than it.
    pub fn has_loaded(&self) -> bool {
        self.private().loading = false;
        !self.is_closed() && self.has_changed()
    }

    /// The messages that were shown are old by now, and have to be fetched once more.
    pub fn is_outdated(&self) -> bool {
        !self.is_running_untracked() && self.has_missed()
    }

    /// Sends a message that waits as soon as nothing is written any more.
    pub fn set_next(&self, waiting: Option<QueuedMessage>) {
        self.private().next = waiting;
    }

    /// The message that is to be sent now.
    pub fn take_next(&self) -> Option<QueuedMessage> {
        self.private().next.take().filter(|_| !self.is_running_untracked())
    }

    /// The reader turns to another version of a message. It comes when it has been fetched, by whomever: what the server
    /// tells of the change may be faster than its answer.
    pub fn turn_to(&self, version: MessageId, turn: Turn) {
        self.private().turned = Some((version, turn));
    }

    /// The way by which the reader has turned to a message that begins to be shown. It is told once.
    pub fn has_turned_to(&self, version: MessageId) -> Option<Turn> {
        self.private().turned.take_if(|(turned, _)| *turned == version).map(|(_, turn)| turn)
    }

    /// The message with this id, if it is on the page.
    pub fn find(&self, id: MessageId) -> Option<MessageHandle> {
        let found = |messages: &[MessageHandle]| messages.iter().find(|message| message.id == id).cloned();
        found(&self.0.messages.read_untracked()).or_else(|| found(&self.0.beside.read_untracked()))
    }

    /// The answers to the last message, in the order in which they were asked for, where there are several.
    pub fn columns(&self) -> Vec<MessageHandle> {
        let beside = self.0.beside.read();
        let messages = self.0.messages.read();
        let Some(last) = messages.last().filter(|_| !beside.is_empty()) else { return Vec::new() };
        let order = last.details.with_untracked(|details| details.siblings.clone());
        let mut columns: Vec<_> = beside.iter().chain([last]).cloned().collect();
        columns.sort_by_key(|column| order.iter().position(|id| *id == column.id));
        columns
    }

    /// Chooses one of the answers to go on from. Gives back the one that was chosen before.
    pub fn pick(&self, id: MessageId) -> Option<MessageId> {
        let chosen = self.0.beside.read_untracked().iter().find(|message| message.id == id).cloned()?;
        let before = self.0.messages.try_update(|messages| {
            let before = messages.pop()?;
            messages.push(chosen);
            Some(before)
        })??;
        let id_before = before.id;
        self.0.beside.update(|beside| {
            beside.retain(|message| message.id != id);
            beside.push(before);
        });
        Some(id_before)
    }

    /// Shows what the server has. A message that is already shown keeps its handle; older ones stay.
    /// Gives back the replies that generations are filling at this moment and that are not yet listened to.
    pub fn show(&self, transcript: Transcript) -> Begun {
        let first = transcript.messages.first().map(|message| message.id);
        let earlier = {
            let messages = self.0.messages.read_untracked();
            let at = messages.iter().position(|message| Some(message.id) == first).unwrap_or(0);
            messages.get(..at).unwrap_or_default().to_vec()
        };
        if earlier.is_empty() {
            self.0.has_earlier.set(transcript.has_earlier);
        }
        let mut begun = Begun::new();
        let mut beside = Vec::new();
        for message in transcript.beside {
            let generation = message.generation_id.filter(|_| message.status == Status::Streaming);
            let reply = self.handle(message);
            begun.extend(generation.map(|generation| (reply.clone(), generation)));
            beside.push(reply);
        }
        let newer = transcript.messages.into_iter().map(|message| self.handle(message));
        let messages: Vec<_> = earlier.into_iter().chain(newer).collect();
        let last = messages.iter().rev().find(|message| message.author == Author::Assistant);
        begun.extend(last.cloned().zip(transcript.running));
        set_if_others(&self.0.beside, beside);
        set_if_others(&self.0.messages, messages);
        self.set_queued(transcript.queued);
        self.0.phase.set(Phase::Ready);
        for (reply, _) in &begun {
            reply.status.set(Status::Streaming);
        }
        begun.retain(|(_, generation)| self.follows(*generation));
        begun
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

fn set_if_others(signal: &ArcRwSignal<Vec<MessageHandle>>, messages: Vec<MessageHandle>) {
    let same = signal.with_untracked(|shown| shown.iter().map(|m| m.id).eq(messages.iter().map(|m| m.id)));
    if !same {
        signal.set(messages);
    }
}

#[cfg(test)]
mod tests;
