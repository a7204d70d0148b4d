//! What the repositories take and give where it is not already a type of `kaiwa-shared`.

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, UserId,
    auth::User,
    message::{self, ContextUse, Part, Status, Usage},
    stream::Parent,
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

/// A user's message and the empty reply, to be stored together.
#[derive(Clone, Debug)]
pub struct NewTurn {
    /// Who sends it; must own the conversation.
    pub owner: UserId,
    /// The conversation; `None` makes `new_conversation_id`.
    pub conversation_id: Option<ConversationId>,
    /// The id of the conversation that is made if none is named.
    pub new_conversation_id: ConversationId,
    /// Where the message hangs.
    pub parent_id: Parent,
    /// The client's id of the message; sent twice it is one message.
    pub client_message_id: ClientMessageId,
    /// Id of the user's message.
    pub user_message_id: MessageId,
    /// What the user says.
    pub content: String,
    /// Id of the reply.
    pub reply_id: MessageId,
    /// Id of the generation that fills the reply.
    pub generation_id: GenerationId,
    /// The model that answers. It also becomes the conversation's model.
    pub model: String,
    /// Now.
    pub now: Millis,
}

/// A stored turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The user's message.
    pub user_message_id: MessageId,
    /// The reply.
    pub reply_id: MessageId,
    /// The generation.
    pub generation_id: GenerationId,
    /// The conversation has no title yet.
    pub untitled: bool,
}

/// What came of storing a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnOutcome {
    /// Stored now.
    Started(Turn),
    /// The same owner sent this `client_message_id` before: this is what it made then.
    Repeated(Turn),
    /// No such conversation of this owner.
    NoConversation,
    /// No such message in this conversation.
    NoParent,
    /// A generation is already running on this branch (its reply would be the parent).
    Busy(GenerationId),
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
