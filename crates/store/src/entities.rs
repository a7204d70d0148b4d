//! What the repositories take and give where it is not already a type of `kaiwa-shared`.

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, UserId,
    auth::User,
    conversation::{Conversation, QueuedMessage, Subtree},
    message::{self, ContextUse, MessageOptions, Part, Status, Usage},
    stream::{Parent, Started},
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// The name as it was written. Unique without regard to case.
    pub username: String,
    /// The e-mail address as it was written, if any. Unique without regard to case.
    pub email: Option<String>,
    /// The password's PHC string.
    pub password_hash: String,
    /// Now.
    pub created_at: Millis,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Only the first: refuse if any account exists.
    FirstOnly,
    /// Anyone.
    Open,
}

/// What came of making an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Made. The first account of all is the administrator's, whoever raced for it.
    Created(User),
    /// Somebody has that name.
    UsernameTaken,
    /// Somebody has that address.
    EmailTaken,
    /// Accounts exist and `Admission::FirstOnly` was asked.
    Closed,
}

/// An account with what proves its owner.
#[derive(Clone)]
pub struct UserSecret {
    /// The account.
    pub user: User,
    /// The password's PHC string.
    pub password_hash: String,
}

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id; the access token names it.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends unless it is used before.
    pub expires_at: Millis,
}

/// A request to write one reply or several, to be stored before any model is asked.
#[derive(Clone, Debug)]
pub struct NewTurn {
    /// Who asks; must own the conversation.
    pub owner: UserId,
    /// The conversation; `None` makes `new_conversation_id`, which only [`Task::Say`] may.
    pub conversation_id: Option<ConversationId>,
    /// The id of the conversation that is made if none is named.
    pub new_conversation_id: ConversationId,
    /// The client's id of the request; sent twice it is one request.
    pub client_message_id: ClientMessageId,
    /// What is to be done.
    pub task: Task,
    /// Id of the reply; for [`Task::Continue`] that of the reply that goes on.
    pub reply_id: MessageId,
    /// Id of the generation that fills the reply.
    pub generation_id: GenerationId,
    /// The model that answers. It also becomes the conversation's model, unless a reply only goes on.
    pub model: String,
    /// Other models that answer at the same time; none for [`Task::Continue`].
    pub beside: Vec<Started>,
    /// What is asked of the models beyond their defaults.
    pub options: MessageOptions,
    /// Whether it may wait, or has waited.
    pub queueing: Queueing,
    /// Its replies may be written now; where not, it can only be repeated or wait.
    pub room: bool,
    /// Now.
    pub now: Millis,
}

/// What a turn is to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// A message of the user's, and a reply to it.
    Say {
        /// Id of the user's message.
        message_id: MessageId,
        /// Where it hangs.
        parent: Parent,
        /// What it says.
        content: String,
    },
    /// Another reply beside this one.
    Regenerate {
        /// The reply.
        reply: MessageId,
    },
    /// More of the reply that the turn names.
    Continue,
}

/// Whether a turn may wait for a running reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queueing {
    /// It does not wait: a running reply refuses it.
    No,
    /// A message that is kept where a running reply would refuse it.
    MayWait {
        /// The model that was asked for; `None` takes the conversation's when it is sent.
        model: Option<String>,
        /// The models that were asked for beside it.
        beside: Vec<String>,
    },
    /// It has waited, and leaves the queue by being sent. What waited behind it then waits for its reply. The shown
    /// branch follows only if it ends where the message is added.
    Waited,
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
    /// The generation.
    pub generation_id: GenerationId,
    /// The model that writes it.
    pub model: String,
    /// What other models write at the same time.
    pub beside: Vec<Started>,
    /// What the reply already says, where it only goes on; errors are left out.
    pub parts: Vec<Part>,
    /// The conversation has no title yet.
    pub untitled: bool,
}

/// What came of storing a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnOutcome {
    /// Stored now.
    Started {
        /// What was stored.
        turn: Turn,
        /// The message is a new one at the top: nothing was said before it.
        opens: bool,
    },
    /// The same owner sent this `client_message_id` before: this is what it made then.
    Repeated(Turn),
    /// Kept until the running reply has ended, now or by an earlier request of the same id.
    Queued {
        /// The message.
        message: QueuedMessage,
        /// The reply above is whole already and only others wait before this one: the first can be sent.
        ready: Option<MessageId>,
    },
    /// This `client_message_id` belongs to another request, or to one whose traces were deleted.
    Reused,
    /// No such conversation of this owner.
    NoConversation,
    /// No such message in this conversation, or nothing of this id waits in it.
    NoMessage,
    /// The message is no reply, or it is whole.
    NothingToContinue,
    /// A generation is already running on this branch.
    Busy(GenerationId),
    /// It would have started, and its replies may not be written now.
    NoRoom,
    /// As many messages as may wait in a conversation do.
    QueueFull,
}

/// A message that waits, with everything that sending it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The message.
    pub message: QueuedMessage,
    /// Other models that will answer it.
    pub beside: Vec<String>,
}

/// What came of changing a message's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// Changed; it belongs to this conversation.
    Edited(ConversationId),
    /// It is still being written.
    Busy(GenerationId),
    /// No such message of this owner.
    NoMessage,
}

/// What deleting a message did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The conversation, which may show another branch now.
    pub conversation: Conversation,
    /// What went.
    pub subtree: Subtree,
    /// The generations that were writing what went.
    pub stopped: Vec<GenerationId>,
}

/// A generation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its id.
    pub id: GenerationId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The reply that it fills.
    pub message_id: MessageId,
    /// How far it has come.
    pub status: Status,
    /// The sequence number of the last event that the stored reply contains.
    pub sequence: u64,
}

/// The state of a running reply, stored so that a crash loses no more than what came after it.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The generation.
    pub generation_id: GenerationId,
    /// The reply.
    pub message_id: MessageId,
    /// What it is made of so far.
    pub parts: Vec<Part>,
    /// What its providers want back unchanged.
    pub natives: Vec<NativeBlock>,
    /// How much of the model's window the request filled, once that is known.
    pub context: Option<ContextUse>,
    /// The sequence number of the last event that `parts` contains.
    pub sequence: u64,
}

/// A piece of a provider's own JSON and its place in a reply. Only that provider gets it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NativeBlock {
    /// How many whole parts come before it.
    pub parts: usize,
    /// How many bytes of the next part's text come before it as well.
    pub bytes: usize,
    /// The short name of the provider that said it.
    pub provider: String,
    /// What it said.
    pub block: serde_json::Value,
}

/// A message of a branch, with what its provider wants back with it.
pub type Told = (message::Message, Vec<NativeBlock>);

/// The end of a generation.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The reply's last state.
    pub checkpoint: Checkpoint,
    /// How it ended; never `Streaming`.
    pub status: Status,
    /// Why the model stopped, where it did so by itself or was stopped by a limit.
    pub finish: Option<message::Finish>,
    /// The model that wrote it, where it was not the one that was asked first.
    pub model: Option<String>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// Now.
    pub now: Millis,
}

/// What became of the end of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// It is stored: the reply was there and had not ended.
    pub stored: bool,
    /// A message may wait for it.
    pub may_wait: bool,
}

impl Finished {
    /// The reply is gone or had already ended.
    pub(crate) const NOTHING: Self = Self { stored: false, may_wait: false };
}
