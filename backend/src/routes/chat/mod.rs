//! Sending a message.

mod input;
pub(crate) mod stream;

pub(crate) use input::check_content;
