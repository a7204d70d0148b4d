//! Chooses the size of the context window.
//!
//! By default a server silently truncates a conversation at a few thousand tokens. A larger window costs memory, and
//! changing the size reloads the model, so the window is as small as possible and grows in large steps.

use crate::{Content, Message, Request};

/// The window that every server opens by default.
const USUAL: u64 = 4096;

/// Tokens for a reply and its reasoning if the request sets no limit.
const REPLY: u64 = 2048;

/// Maximum tokens of an image with common models.
const IMAGE: u64 = 1536;

/// Tokens of a message's role and delimiters.
const FRAME: u64 = 8;

/// The window in tokens that `request` needs; `None` if the default is enough.
pub(super) fn tokens(request: &Request) -> Option<u64> {
    let needed = request.context_tokens.unwrap_or_else(|| estimate(request));
    (needed > USUAL).then(|| needed.checked_next_power_of_two().unwrap_or(needed))
}

fn estimate(request: &Request) -> u64 {
    let tools = request.tools.iter().map(|tool| {
        of_text(&tool.name) + of_text(&tool.description) + of_text(&tool.parameters.to_string()) + FRAME
    });
    let messages = request.messages.iter().map(of_message);
    let reply = request.max_tokens.map_or(REPLY, u64::from);
    tools.chain(messages).sum::<u64>() + reply
}

fn of_message(message: &Message) -> u64 {
    let contents = message.content.iter().map(|content| match content {
        Content::Text(text) | Content::Reasoning(text) => of_text(text),
        Content::ToolCall { name, arguments, .. } => of_text(name) + of_text(arguments),
        Content::ToolResult { name, output, .. } => of_text(name) + of_text(output),
        Content::Image { .. } => IMAGE,
        Content::Document { .. } | Content::ProviderBlock(_) => 0,
    });
    contents.sum::<u64>() + FRAME
}

/// An upper estimate, because too small a window loses text: three ASCII characters per token, and one and a half
/// tokens for any other character.
fn of_text(text: &str) -> u64 {
    let (mut ascii, mut other) = (0u64, 0u64);
    for c in text.chars() {
        *(if c.is_ascii() { &mut ascii } else { &mut other }) += 1;
    }
    ascii.div_ceil(3) + (other * 3).div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn asking(text: &str) -> Request {
        Request { messages: vec![Message::text(Role::User, text)], ..Request::default() }
    }

    #[test]
    fn a_short_conversation_leaves_the_window_to_the_server() {
        assert_eq!(tokens(&asking("Hello")), None);
    }

    #[test]
    fn the_window_grows_in_steps() {
        assert_eq!(tokens(&asking(&"word ".repeat(2000))), Some(8192));
        assert_eq!(tokens(&asking(&"word ".repeat(2100))), Some(8192));
        assert_eq!(tokens(&asking(&"字".repeat(10_000))), Some(32_768));
        assert_eq!(tokens(&Request { max_tokens: Some(9000), ..asking("Hello") }), Some(16_384));
    }

    #[test]
    fn the_callers_estimate_takes_precedence() {
        let known =
            |tokens_needed| Request { context_tokens: Some(tokens_needed), ..asking(&"word ".repeat(9000)) };
        assert_eq!(tokens(&known(4096)), None);
        assert_eq!(tokens(&known(5000)), Some(8192));
        assert_eq!(tokens(&known(u64::MAX)), Some(u64::MAX));
    }
}
