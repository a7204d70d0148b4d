//! An open conversation: its messages, the reply that is being written, and the draft.
//!
//! A [`Chat`] holds only signals and the rules by which they change; [`Chats`] keeps the open ones at the root of the
//! application and sends their requests.

mod chats;
mod message;
mod model;

pub use self::{
    chats::{Chats, provide_chats, use_chats},
    message::{Details, MessageHandle, PartKind, Retry, files_of, has_text},
    model::{Begun, Chat, Deletion, Direction, Earlier, LeftBehind, Phase, Run},
};
