//! Sending a message.

pub(crate) mod stream;
