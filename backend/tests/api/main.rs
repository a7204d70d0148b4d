//! The server as its clients see it: the real application on port 0, with its own database and a scripted provider.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed, its helpers included"
)]

mod accounts;
mod branches;
mod chat;
mod compare;
mod conversations;
mod durability;
mod edits;
mod errors;
mod feed;
mod guards;
mod health;
mod models;
mod peer;
mod privacy;
mod program;
mod queue;
mod resume;
mod support;
mod temporary;
