//! A user's messages, each by itself.

pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod subtree;
