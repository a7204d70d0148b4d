//! Generations: starting a turn, saving running replies, ending them, and the processes that run them.

mod checkpoint;
mod digest;
mod finish;
mod insert;
mod rows;
mod runners;
mod start;

use kaiwa_shared::{
    ClientMessageId, Content, ConversationId, FileId, GenerationId, MessageId, RunnerId, UserId,
    conversation::{ConversationSettings, QueuedMessage},
    message::{self, ContextUse, MessageOptions, Part, Status, Usage},
    stream::{Parent, Started},
    time::Millis,
    title,
};

use crate::{Tx, chat::ProviderBlock};

pub use checkpoint::MAX_CHECKPOINTS;
pub use runners::Runners;

/// The repository of generations.
pub struct Generations<'t>(pub(crate) &'t mut Tx);

/// A turn to be stored before any model is asked: what the user wants, and the replies that will be written for it.
#[derive(Clone, Debug)]
pub struct NewTurn {
    /// The account; must own the conversation.
    pub owner: UserId,
    /// The conversation; `None` creates `new_conversation_id`, which only [`Task::Send`] may.
    pub conversation_id: Option<ConversationId>,
    /// The id of the conversation that is created if none is given.
    pub new_conversation_id: ConversationId,
    /// The client's id of the request, which makes a repeat harmless.
    pub client_message_id: ClientMessageId,
    /// What to do.
    pub task: Task,
    /// The id of the reply; for [`Task::Continue`] that of the reply to continue.
    pub reply_id: MessageId,
    /// The id of the generation that writes the reply.
    pub generation_id: GenerationId,
    /// The model that answers. It also becomes the conversation's model, except for [`Task::Continue`].
    pub model: String,
    /// Replies of other models to the same message; none for [`Task::Continue`].
    pub parallel: Vec<Started>,
    /// Settings of the conversation that is created. An existing one has its own.
    pub settings: ConversationSettings,
    /// Options of the request. Those that are not set are taken from the conversation.
    pub options: MessageOptions,
    /// Whether it may be queued, or was.
    pub queueing: Queueing,
    /// Whether the limits allow its replies now. If not, the turn can only be queued or found to be a repeat.
    pub has_capacity: bool,
    /// The process that runs its generations.
    pub runner: RunnerId,
    /// The current time.
    pub now: Millis,
}

/// What a turn does.
#[derive(Clone, Debug)]
pub enum Task {
    /// Adds a message of the user and a reply to it.
    Send {
        /// The id of the user's message.
        message_id: MessageId,
        /// Its position in the tree.
        parent: Parent,
        /// What it says.
        content: Content,
    },
    /// Adds a sibling of a reply.
    Regenerate {
        /// The reply.
        reply: MessageId,
    },
    /// Continues the reply that the turn names.
    Continue,
}

impl Task {
    /// The first words of a message, the title of its conversation until there is a better one.
    pub fn first_words(&self) -> Option<String> {
        let Self::Send { content, .. } = self else { return None };
        Some(title::from_text(&content.text())).filter(|title| !title.is_empty())
    }
}

/// What happens to a turn while a reply is running at its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queueing {
    /// It is refused as busy.
    Never,
    /// It is queued.
    WhenBusy {
        /// The requested model; `None` takes the conversation's when the message is sent.
        model: Option<String>,
        /// The requested models for parallel replies.
        parallel: Vec<String>,
    },
    /// It was queued and leaves the queue by being sent. Messages queued behind the same reply are then behind its
    /// reply. The shown branch moves on only if it ends where the message is added.
    Queued,
}

/// A stored turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message that is answered.
    pub user_message_id: MessageId,
    /// The reply.
    pub reply_id: MessageId,
    /// The generation that writes it.
    pub generation_id: GenerationId,
    /// The model that answers.
    pub model: String,
    /// Parallel replies of other models.
    pub parallel: Vec<Started>,
    /// What a continued reply already says, without errors.
    pub parts: Vec<Part>,
    /// Whether the conversation had no title before. It is now called by the first words of its message, and a better
    /// title may follow.
    pub needs_title: bool,
}

/// The outcome of [`Generations::start`].
#[derive(Clone, Debug, PartialEq)]
pub enum TurnOutcome {
    /// Stored.
    Started {
        /// What was stored.
        turn: Turn,
        /// The conversation's settings.
        settings: ConversationSettings,
        /// Whether the turn added a message at the top, so that no history precedes it.
        is_first_message: bool,
    },
    /// The owner sent this `client_message_id` before; this turn was stored then.
    Repeated(Turn),
    /// Queued behind the running reply, now or by an earlier request with the same id.
    Queued {
        /// The message.
        message: QueuedMessage,
        /// Set if that reply is complete and the first message queued behind it can be sent.
        ready: Option<MessageId>,
    },
    /// The `client_message_id` belongs to a different request, or to one whose message was deleted.
    IdReused,
    /// The owner has no such conversation.
    NoConversation,
    /// The conversation has no such message, or no such message is queued in it.
    NoMessage,
    /// The message is not a reply, or the reply is complete.
    NothingToContinue,
    /// This generation is running at the turn's position.
    Busy(GenerationId),
    /// It could start now, but there is no capacity.
    OverLimit,
    /// The queue of the conversation is full.
    QueueFull,
    /// The owner does not have one of the files of the message.
    NoFile,
}

impl TurnOutcome {
    /// Whether the transaction must be committed. For every other outcome it must be dropped.
    pub const fn is_stored(&self) -> bool {
        matches!(self, Self::Started { .. } | Self::Queued { .. })
    }
}

/// A generation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its id.
    pub id: GenerationId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The reply that it writes.
    pub message_id: MessageId,
    /// Whether it is running, or how it ended.
    pub status: Status,
    /// The sequence number of the last event in the stored reply.
    pub sequence: u64,
}

/// The state of a running reply. A crash loses only what was written after the last checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The generation.
    pub generation_id: GenerationId,
    /// The reply.
    pub message_id: MessageId,
    /// The parts of the reply so far.
    pub parts: Vec<Part>,
    /// The provider blocks so far.
    pub provider_blocks: Vec<ProviderBlock>,
    /// How much of the model's window the request filled, once known.
    pub context: Option<ContextUse>,
    /// The sequence number of the last event in `parts`.
    pub sequence: u64,
}

/// The end of a generation.
#[derive(Clone, Debug)]
pub struct GenerationEnd {
    /// The final state of the reply.
    pub checkpoint: Checkpoint,
    /// How it ended; never `Streaming`.
    pub status: Status,
    /// Why the model stopped, if it stopped by itself or at a limit.
    pub finish: Option<message::Finish>,
    /// The model that answered, if it was not the requested one.
    pub model: Option<String>,
    /// What the reply cost.
    pub usage: Option<Usage>,
    /// Files of its owner that the reply begins to use.
    pub files: Vec<FileId>,
    /// The current time.
    pub now: Millis,
}

/// The outcome of [`Generations::finish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishOutcome {
    /// The end is stored.
    Stored {
        /// Whether a message is queued behind the reply.
        has_queued: bool,
    },
    /// The reply was deleted or had already ended.
    AlreadyEnded,
}
