//! What a reply says or thinks.

use kaiwa_shared::message::{Part, Status};
use leptos::prelude::*;

use crate::{
    components::markdown::{Markdown, MarkdownFeed, StreamingMarkdown},
    i18n::use_locale,
    state::chat::MessageHandle,
};

/// The text or reasoning part at a place of a reply, in Markdown: as it arrives, or whole.
#[component]
pub fn Prose(
    /// The reply.
    message: MessageHandle,
    /// The place of the part.
    at: usize,
) -> impl IntoView {
    let locale = use_locale();
    let labels = Signal::derive(move || locale.words().markdown);
    if message.status.get_untracked() != Status::Streaming {
        let text = Signal::derive(move || message.parts.with(|parts| text_at(parts, at).to_owned()));
        return view! { <Markdown text labels/> }.into_any();
    }
    let source = MarkdownFeed::new();
    let feed = source.clone();
    // The feed takes what is new and paints it at most once a frame.
    Effect::new(move |_| {
        message.parts.with(|parts| feed.follow(text_at(parts, at)));
        if message.status.get() != Status::Streaming {
            feed.finish();
        }
    });
    view! { <StreamingMarkdown source labels/> }.into_any()
}

fn text_at(parts: &[Part], at: usize) -> &str {
    match parts.get(at) {
        Some(Part::Text { text } | Part::Reasoning { text, .. }) => text,
        _ => "",
    }
}
