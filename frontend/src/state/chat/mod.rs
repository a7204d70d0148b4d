//! An open conversation: its messages, the reply that is being written, and what is typed below.
//!
//! A [`Chat`] holds no more than signals and the rules by which they change; [`Chats`] keeps the open ones at the root
//! of the application and talks to the server for them.

mod chats;
mod message;
mod model;

pub use self::{
    chats::{Chats, provide_chats, use_chats},
    message::{Details, MessageHandle, PartKind, Retry, has_text},
    model::{Begun, Chat, Doomed, Phase, Run, Turn},
};
