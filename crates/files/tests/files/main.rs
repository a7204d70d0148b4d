//! What is made of uploads, and how they are kept.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod corpus;
mod folder;
mod pictures;
