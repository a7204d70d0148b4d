//! The signals of one open conversation and the rules by which they change.

mod queue;
mod run;
mod send;
mod sync;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use kaiwa_shared::{
    Content, ConversationId, GenerationId, MessageId,
    conversation::{QueuedMessage, Subtree, Transcript},
    message::{Author, Message, Status},
    stream::SendMessage,
};
use leptos::prelude::*;

use self::sync::Sync;
pub use self::{run::Run, send::Begun};
use super::MessageHandle;
use crate::{api::Error, state::drafts};

/// The state of the first load.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The messages are being loaded.
    Loading,
    /// They are on the page.
    Ready,
    /// They could not be loaded.
    Failed(Error),
}

/// Whether there are messages before the first one on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The page shows the first message.
    None,
    /// There are earlier messages to load.
    Available,
    /// They are being loaded.
    Loading,
}

/// The direction from one version of a message to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the one before.
    Previous,
    /// To the one after.
    Next,
}

/// A message that the user wants to delete, and what would be deleted with it.
pub type Deletion = (MessageId, Subtree);

/// An open conversation. Cloning it clones the handle.
#[derive(Clone)]
pub struct Chat(Arc<Inner>);

struct Inner {
    id: ArcRwSignal<Option<ConversationId>>,
    phase: ArcRwSignal<Phase>,
    messages: ArcRwSignal<Vec<MessageHandle>>,
    parallel: ArcRwSignal<Vec<MessageHandle>>,
    queued: ArcRwSignal<Vec<QueuedMessage>>,
    earlier: ArcRwSignal<Earlier>,
    outgoing: ArcRwSignal<Option<SendMessage>>,
    failure: ArcRwSignal<Option<Error>>,
    run: ArcRwSignal<Run>,
    reconnecting: ArcRwSignal<bool>,
    draft: ArcRwSignal<Content>,
    model: ArcRwSignal<Option<String>>,
    compared: ArcRwSignal<Vec<String>>,
    editing: ArcRwSignal<Option<MessageId>>,
    deletion: ArcRwSignal<Option<Deletion>>,
    temporary: bool,
    closed: AtomicBool,
    private: Mutex<Private>,
}

/// State that no view follows.
#[derive(Default)]
struct Private {
    /// Messages that the one being sent replaces; they come back if it fails.
    replaced: Vec<MessageHandle>,
    /// Parallel replies that go with them.
    replaced_parallel: Vec<MessageHandle>,
    /// The message that could not be sent.
    failed: Option<SendMessage>,
    /// Messages that the server has not queued yet.
    unsent: Vec<QueuedMessage>,
    /// Those of them that wait for an earlier request; `None` when no request is under way.
    outbox: Option<VecDeque<SendMessage>>,
    /// The generations that this page follows.
    live: Vec<GenerationId>,
    sync: Sync,
    /// Generations that have begun elsewhere and are not followed yet.
    unknown: Vec<GenerationId>,
    /// The queued message that is sent as soon as the running reply has ended.
    next: Option<QueuedMessage>,
    /// The version that the user has switched to and that is not shown yet.
    switched: Option<(MessageId, Direction)>,
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
    /// The state of the first load.
    phase: Phase,
    /// The messages of the shown branch, oldest first.
    messages: Vec<MessageHandle>,
    /// The replies of other models in parallel to the last message, if several were asked.
    parallel: Vec<MessageHandle>,
    /// The queued messages, in order.
    queued: Vec<QueuedMessage>,
    /// Whether there are earlier messages to load.
    earlier: Earlier,
    /// The message that is being sent.
    outgoing: Option<SendMessage>,
    /// Why the last message could not be sent.
    failure: Option<Error>,
    /// The reply that is being written.
    run: Run,
    /// The connection was lost a while ago and is being restored.
    reconnecting: bool,
    /// What is typed in the composer.
    draft: Content,
    /// The model that was chosen before the conversation began.
    model: Option<String>,
    /// The models that answer in parallel to the chosen one.
    compared: Vec<String>,
    /// The message that is being edited.
    editing: Option<MessageId>,
    /// The message that the user wants to delete.
    deletion: Option<Deletion>,
}

impl Chat {
    /// A new conversation.
    pub fn blank() -> Self {
        Self::new(None, Phase::Ready, false)
    }

    /// A temporary conversation, of which nothing is stored.
    pub fn temporary() -> Self {
        Self::new(None, Phase::Ready, true)
    }

    /// A conversation whose messages have to be loaded.
    pub fn of(id: ConversationId) -> Self {
        Self::new(Some(id), Phase::Loading, false)
    }

    fn new(id: Option<ConversationId>, phase: Phase, temporary: bool) -> Self {
        Self(Arc::new(Inner {
            id: ArcRwSignal::new(id),
            phase: ArcRwSignal::new(phase),
            messages: ArcRwSignal::new(Vec::new()),
            parallel: ArcRwSignal::new(Vec::new()),
            queued: ArcRwSignal::new(Vec::new()),
            earlier: ArcRwSignal::new(Earlier::None),
            outgoing: ArcRwSignal::new(None),
            failure: ArcRwSignal::new(None),
            run: ArcRwSignal::new(Run::Idle),
            reconnecting: ArcRwSignal::new(false),
            draft: ArcRwSignal::new(Content::default()),
            model: ArcRwSignal::new(None),
            compared: ArcRwSignal::new(Vec::new()),
            editing: ArcRwSignal::new(None),
            deletion: ArcRwSignal::new(None),
            temporary,
            closed: AtomicBool::new(false),
            private: Mutex::default(),
        }))
    }

    fn private(&self) -> MutexGuard<'_, Private> {
        // Nothing panics while it is held, so a poisoned lock is still consistent.
        self.0.private.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A temporary conversation.
    pub fn is_temporary(&self) -> bool {
        self.0.temporary
    }

    /// A reply is being written or about to be.
    pub fn is_running(&self) -> bool {
        self.0.run.get().is_active()
    }

    /// The same, untracked.
    pub fn is_running_untracked(&self) -> bool {
        self.0.run.get_untracked().is_active()
    }

    /// Moves the run to its next state.
    pub fn advance(&self, transition: fn(Run) -> Run) {
        let now = self.0.run.get_untracked();
        let next = transition(now);
        if now != next {
            self.0.run.set(next);
        }
    }

    /// The conversation has no message yet.
    pub fn is_blank(&self) -> bool {
        self.0.id.get().is_none() && self.0.outgoing.read().is_none() && self.0.messages.read().is_empty()
    }

    /// What to save as the draft. It includes messages that the server has not accepted yet.
    pub fn unsent(&self) -> Content {
        let mut typed = self.0.draft.get_untracked();
        for message in self.private().unsent.iter().rev() {
            typed = drafts::restore(&message.content, &typed);
        }
        match &*self.0.outgoing.read_untracked() {
            Some(request) => drafts::restore(&request.content, &typed),
            None => typed,
        }
    }

    /// Stops all tasks of this conversation in this tab.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// The conversation was closed.
    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    /// The generations that this page follows.
    pub fn live(&self) -> Vec<GenerationId> {
        self.private().live.clone()
    }

    /// Follows a generation from here on. Returns whether it is a new one.
    fn follow(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.unknown.retain(|other| *other != generation);
        let is_new = !private.live.contains(&generation);
        if is_new {
            private.live.push(generation);
        }
        drop(private);
        self.advance(Run::begin);
        is_new
    }

    /// Stops following a generation that has ended. Returns whether to fetch the messages again, because something
    /// happened elsewhere in the meantime.
    pub fn finish(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.live.retain(|other| *other != generation);
        if !private.live.is_empty() {
            return false;
        }
        drop(private);
        self.0.reconnecting.set(false);
        self.advance(|_| Run::Idle);
        self.catch_up() || !self.0.queued.read_untracked().is_empty()
    }

    /// Notes that a generation has begun, here or elsewhere. Returns whether to fetch the messages now to find it.
    pub fn note_generation(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        if private.live.contains(&generation) {
            return false;
        }
        let is_busy = private.sync.is_fetching() || self.is_running_untracked();
        if is_busy && !private.unknown.contains(&generation) {
            private.unknown.push(generation);
        }
        !is_busy
    }

    /// Notes that something has changed elsewhere. Returns whether to fetch the messages now; while a reply is being
    /// written or a fetch runs, they are fetched afterwards.
    pub fn invalidate(&self) -> bool {
        let mut private = self.private();
        let is_busy = private.sync.is_fetching() || self.is_running_untracked();
        if is_busy {
            private.sync = private.sync.invalidate();
        }
        !is_busy
    }

    /// Returns whether something has happened elsewhere that was put off, and forgets it: the caller fetches.
    fn catch_up(&self) -> bool {
        let mut private = self.private();
        let caught_up = private.sync.catch_up();
        let missed = private.sync != caught_up || !private.unknown.is_empty();
        private.sync = caught_up;
        private.unknown.clear();
        missed
    }

    /// Starts a fetch. Returns `false` if one is already running; the messages are then fetched once more after it.
    pub fn start_fetch(&self) -> bool {
        let mut private = self.private();
        let starts = !private.sync.is_fetching();
        private.sync = private.sync.start_fetch();
        starts
    }

    /// Ends a fetch. Returns whether to show the result: one from before a reply began is outdated.
    pub fn end_fetch(&self) -> bool {
        {
            let mut private = self.private();
            private.sync = private.sync.end_fetch();
        }
        !self.is_closed() && self.invalidate()
    }

    /// Returns whether the messages that were fetched are outdated by now, and forgets it: the caller fetches again.
    pub fn needs_refetch(&self) -> bool {
        !self.is_running_untracked() && self.catch_up()
    }

    /// Sets the queued message that is sent as soon as the running reply has ended.
    pub fn set_next(&self, message: Option<QueuedMessage>) {
        self.private().next = message;
    }

    /// Takes the queued message that is to be sent now.
    pub fn take_next(&self) -> Option<QueuedMessage> {
        self.private().next.take().filter(|_| !self.is_running_untracked())
    }

    /// Notes that the user switches to another version of a message. It may be fetched by whoever hears of the change
    /// first.
    pub fn switch_to(&self, version: MessageId, direction: Direction) {
        self.private().switched = Some((version, direction));
    }

    /// Takes the direction in which the user has switched to a message that is about to be shown.
    pub fn take_switch(&self, version: MessageId) -> Option<Direction> {
        self.private().switched.take_if(|(switched, _)| *switched == version).map(|(_, direction)| direction)
    }

    /// The message with this id, if it is on the page.
    pub fn find(&self, id: MessageId) -> Option<MessageHandle> {
        let found = |messages: &[MessageHandle]| messages.iter().find(|message| message.id == id).cloned();
        found(&self.0.messages.read_untracked()).or_else(|| found(&self.0.parallel.read_untracked()))
    }

    /// The parallel replies to the last message, in the order in which they were requested; empty without any.
    pub fn columns(&self) -> Vec<MessageHandle> {
        let parallel = self.0.parallel.read();
        let messages = self.0.messages.read();
        let Some(last) = messages.last().filter(|_| !parallel.is_empty()) else { return Vec::new() };
        let order = last.details.with_untracked(|details| details.siblings.clone());
        let mut columns: Vec<_> = parallel.iter().chain([last]).cloned().collect();
        columns.sort_by_key(|column| order.iter().position(|id| *id == column.id));
        columns
    }

    /// Chooses one of the parallel replies to continue from. Returns the one that was chosen before.
    pub fn pick(&self, id: MessageId) -> Option<MessageId> {
        let chosen = self.0.parallel.read_untracked().iter().find(|message| message.id == id).cloned()?;
        let before = self.0.messages.try_update(|messages| {
            let before = messages.pop()?;
            messages.push(chosen);
            Some(before)
        })??;
        let id_before = before.id;
        self.0.parallel.update(|parallel| {
            parallel.retain(|message| message.id != id);
            parallel.push(before);
        });
        Some(id_before)
    }

    /// Shows the server's messages. Messages that are already shown keep their handles; earlier ones stay.
    /// Returns the replies that are being written and not followed yet.
    pub fn show(&self, transcript: Transcript) -> Begun {
        let first = transcript.messages.first().map(|message| message.id);
        let earlier = {
            let messages = self.0.messages.read_untracked();
            let at = messages.iter().position(|message| Some(message.id) == first).unwrap_or(0);
            messages.get(..at).unwrap_or_default().to_vec()
        };
        if earlier.is_empty() {
            self.note_earlier(transcript.has_earlier);
        }
        let mut begun = Begun::new();
        let mut parallel = Vec::new();
        for message in transcript.parallel {
            let generation = message.generation_id.filter(|_| message.status == Status::Streaming);
            let reply = self.handle(message);
            begun.extend(generation.map(|generation| (reply.clone(), generation)));
            parallel.push(reply);
        }
        let newer = transcript.messages.into_iter().map(|message| self.handle(message));
        let messages: Vec<_> = earlier.into_iter().chain(newer).collect();
        let last = messages.iter().rev().find(|message| message.author == Author::Assistant);
        begun.extend(last.cloned().zip(transcript.running));
        set_if_changed(&self.0.parallel, parallel);
        set_if_changed(&self.0.messages, messages);
        self.set_queued(transcript.queued);
        self.0.phase.set(Phase::Ready);
        for (reply, _) in &begun {
            reply.status.set(Status::Streaming);
        }
        begun.retain(|(_, generation)| self.follow(*generation));
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

    fn note_earlier(&self, has_earlier: bool) {
        match (has_earlier, self.0.earlier.get_untracked()) {
            (false, _) => self.0.earlier.set(Earlier::None),
            (true, Earlier::Loading) => {}
            (true, _) => self.0.earlier.set(Earlier::Available),
        }
    }

    /// Starts to load earlier messages. Returns `false` if there are none or they are already being loaded.
    pub fn start_loading_earlier(&self) -> bool {
        let starts = self.0.earlier.get_untracked() == Earlier::Available;
        if starts {
            self.0.earlier.set(Earlier::Loading);
        }
        starts
    }

    /// Ends loading earlier messages, whether or not [`Chat::prepend`] has shown them.
    pub fn end_loading_earlier(&self) {
        if self.0.earlier.get_untracked() == Earlier::Loading {
            self.0.earlier.set(Earlier::Available);
        }
    }

    /// Puts earlier messages in front.
    pub fn prepend(&self, transcript: Transcript) {
        self.0.earlier.set(if transcript.has_earlier { Earlier::Available } else { Earlier::None });
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

fn set_if_changed(signal: &ArcRwSignal<Vec<MessageHandle>>, messages: Vec<MessageHandle>) {
    let same = signal.with_untracked(|shown| shown.iter().map(|m| m.id).eq(messages.iter().map(|m| m.id)));
    if !same {
        signal.set(messages);
    }
}

#[cfg(test)]
mod tests;
