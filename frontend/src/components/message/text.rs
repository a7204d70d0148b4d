//! What a reply says.

use kaiwa_shared::message::{Part, Status};
use leptos::prelude::*;

use crate::{components::markdown::Markdown, state::chat::MessageHandle};

/// The text part at a place of a reply, in Markdown: as it arrives, or whole.
#[component]
pub(super) fn Prose(
    /// The reply.
    message: MessageHandle,
    /// The place of the part.
    at: usize,
) -> impl IntoView {
    let _status: Status = message.status.get_untracked();
    let parts = message.parts;
    let text = Signal::derive(move || {
        parts.with(|parts| match parts.get(at) {
            Some(Part::Text { text } | Part::Reasoning { text, .. }) => text.clone(),
            _ => String::new(),
        })
    });
    move || view! { <Markdown text=text.get()/> }
}
