//! An open conversation: its messages, the reply that is being written, and what is typed below.
//!
//! A [`Chat`] holds no more than signals and the rules by which they change; [`Chats`] keeps the open ones at the root
//! of the application and talks to the server for them.

mod attempt;
mod backoff;
mod chats;
mod message;
mod model;
mod outage;

pub use self::{
    attempt::Attempt,
    chats::{Chats, provide_chats, use_chats},
    message::{MessageHandle, PartKind},
    model::{Chat, Phase, Run},
};
