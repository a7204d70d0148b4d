//! Sending messages.

mod input;
mod stream;

pub(crate) use input::{check_content, check_options, check_system_prompt};

use super::endpoints::endpoints;

endpoints![stream::send_message];
