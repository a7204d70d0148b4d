//! The estimated height of a row that has not been on the page yet.

use kaiwa_shared::message::{Author, Part};
use leptos::prelude::*;

use crate::state::chat::MessageHandle;

/// The height of a line, in pixels.
const LINE: f64 = 27.0;
/// The height of all but the text: the actions and the space around them.
const FRAME: f64 = 60.0;
/// The height of a closed section: reasoning, or a tool call.
const CLOSED: f64 = 40.0;
/// The width of a byte of text, in pixels. A Han character has three and is twice as wide as a letter.
const BYTE: f64 = 6.6;
/// The width as long as nothing is laid out.
const USUAL_WIDTH: f64 = 736.0;

/// The height of a message at this width of the list.
pub(super) fn height_of(message: &MessageHandle, width: f64) -> f64 {
    let width = if width > 0.0 { width } else { USUAL_WIDTH };
    let (share, padding) = match message.author {
        Author::User => (0.78, 36.0),
        Author::Assistant => (1.0, 16.0),
    };
    let per_line = (width * share / BYTE).max(1.0);
    message.parts.with_untracked(|parts| {
        let content = |part: &Part| match part {
            Part::Text { text } => text_height(text, per_line),
            Part::Reasoning { .. } | Part::ToolCall { .. } => CLOSED,
            _ => 0.0,
        };
        FRAME + padding + parts.iter().map(content).sum::<f64>()
    })
}

#[expect(clippy::cast_precision_loss, reason = "no text has 2^52 bytes")]
fn text_height(text: &str, per_line: f64) -> f64 {
    let line = |line: &str| (line.len() as f64 / per_line).ceil().max(0.4);
    text.lines().map(line).sum::<f64>() * LINE
}
