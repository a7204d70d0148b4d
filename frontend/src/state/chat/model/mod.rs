//! The signals of one open conversation and the rules by which they change.
//!
//! - `transcript` shows the messages that the server has;
//! - `sync` decides when to fetch them again;
//! - `send` sends messages, and `queue` queues them;
//! - `run` and `generations` track the replies that are being written;
//! - `siblings` switches between versions and parallel replies.

mod generations;
mod queue;
mod run;
mod send;
mod siblings;
mod sync;
mod transcript;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use kaiwa_shared::{
    Content, ConversationId, GenerationId, MessageId,
    conversation::{ConversationSettings, QueuedMessage, Subtree},
    stream::SendMessage,
};
use leptos::prelude::*;

use self::sync::Sync;
pub use self::{
    run::Run,
    send::Begun,
    siblings::{Direction, LeftBehind},
    transcript::Earlier,
};
use super::MessageHandle;
use crate::{
    api::Error,
    state::{drafts, places::Place},
};

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
    decided: ArcRwSignal<Option<MessageId>>,
    queued: ArcRwSignal<Vec<QueuedMessage>>,
    earlier: ArcRwSignal<Earlier>,
    outgoing: ArcRwSignal<Option<SendMessage>>,
    failure: ArcRwSignal<Option<Error>>,
    run: ArcRwSignal<Run>,
    reconnecting: ArcRwSignal<bool>,
    draft: ArcRwSignal<Content>,
    model: ArcRwSignal<Option<String>>,
    compared: ArcRwSignal<Vec<String>>,
    settings: ArcRwSignal<ConversationSettings>,
    editing: ArcRwSignal<Option<MessageId>>,
    deletion: ArcRwSignal<Option<Deletion>>,
    left_behind: ArcRwSignal<Option<LeftBehind>>,
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
    /// Where the user left the conversation.
    place: Option<Place>,
    /// The draft that was last read or saved, and the conversation it is for.
    saved: Option<(Option<ConversationId>, Content)>,
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
    /// The last question of which the user has chosen one of several answers.
    decided: Option<MessageId>,
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
    /// The settings that were chosen before the conversation began, and those of a temporary one.
    settings: ConversationSettings,
    /// The message that is being edited.
    editing: Option<MessageId>,
    /// The message that the user wants to delete.
    deletion: Option<Deletion>,
    /// The version that another one has replaced, if messages that were shown are below it.
    left_behind: Option<LeftBehind>,
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
            decided: ArcRwSignal::new(None),
            queued: ArcRwSignal::new(Vec::new()),
            earlier: ArcRwSignal::new(Earlier::None),
            outgoing: ArcRwSignal::new(None),
            failure: ArcRwSignal::new(None),
            run: ArcRwSignal::new(Run::Idle),
            reconnecting: ArcRwSignal::new(false),
            draft: ArcRwSignal::new(Content::default()),
            model: ArcRwSignal::new(None),
            compared: ArcRwSignal::new(Vec::new()),
            settings: ArcRwSignal::default(),
            editing: ArcRwSignal::new(None),
            deletion: ArcRwSignal::new(None),
            left_behind: ArcRwSignal::new(None),
            temporary,
            closed: AtomicBool::new(false),
            private: Mutex::default(),
        }))
    }

    fn private(&self) -> MutexGuard<'_, Private> {
        // Nothing panics while it is held, so a poisoned lock is still consistent.
        self.0.private.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the user left the conversation; `None` at the end.
    pub fn place(&self) -> Option<Place> {
        self.private().place
    }

    /// Remembers where the user is; `None` at the end.
    pub fn set_place(&self, place: Option<Place>) {
        self.private().place = place;
    }

    /// A temporary conversation.
    pub fn is_temporary(&self) -> bool {
        self.0.temporary
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

    /// Shows the stored draft.
    pub fn begin_draft(&self, stored: Content) {
        self.note_saved(&stored);
        self.0.draft.set(stored);
    }

    /// Notes that a draft is being saved. Returns whether it is another one than before: a tab in which nothing was typed
    /// must not overwrite what was typed in another.
    pub fn note_saved(&self, content: &Content) -> bool {
        let now = Some((self.0.id.get_untracked(), content.clone()));
        let mut private = self.private();
        let is_new = private.saved != now;
        private.saved = now;
        is_new
    }

    /// Stops all tasks of this conversation in this tab.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// The conversation was closed.
    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    /// The message with this id, if it is on the page.
    pub fn find(&self, id: MessageId) -> Option<MessageHandle> {
        let found = |messages: &[MessageHandle]| messages.iter().find(|message| message.id == id).cloned();
        found(&self.0.messages.read_untracked()).or_else(|| found(&self.0.parallel.read_untracked()))
    }
}

#[cfg(test)]
mod tests;
