//! The text and the reasoning of a reply.

use kaiwa_shared::message::{Part, Status};
use leptos::prelude::*;

use crate::{
    components::markdown::{Markdown, MarkdownFeed, StreamingMarkdown},
    i18n::use_locale,
    state::{chat::MessageHandle, preferences::use_preferences},
};

/// The text or reasoning that begins at a part of a reply, in Markdown: complete, or as it arrives. Once streamed, it
/// stays in that mode; a complete text switches to it if the reply is continued. For users who want replies whole, what
/// is added does not show before the end.
pub(super) fn prose(message: &MessageHandle, at: usize) -> AnyView {
    let locale = use_locale();
    let labels = Signal::derive(move || &locale.words().message.markdown);
    let (status, preferences) = (message.status.clone(), use_preferences());
    let arrives = Memo::new(move |before: Option<&bool>| {
        !preferences.whole_answers() && (before == Some(&true) || status.get() == Status::Streaming)
    });
    let message = message.clone();
    let shown = move || {
        let (parts, status) = (message.parts.clone(), message.status.clone());
        if !arrives.get() {
            let text = Memo::new(move |before: Option<&String>| match before {
                Some(before) if status.get() == Status::Streaming => before.clone(),
                _ => parts.with(|parts| text_from(parts, at).collect::<String>()),
            });
            return view! { <Markdown text labels/> }.into_any();
        }
        let source = MarkdownFeed::new();
        let feed = source.clone();
        // The current text is shown immediately; the feed paints new text at most once a frame.
        parts.with_untracked(|parts| feed.follow(text_from(parts, at)));
        Effect::new(move |_| {
            parts.with(|parts| feed.follow(text_from(parts, at)));
            if status.get() != Status::Streaming {
                feed.finish();
            }
        });
        view! { <StreamingMarkdown source labels/> }.into_any()
    };
    shown.into_any()
}

/// The pieces of the text that begins at a part. Citations within it are shown elsewhere.
fn text_from(parts: &[Part], at: usize) -> impl Iterator<Item = &str> + Clone {
    let first = parts.get(at);
    let is_text = matches!(first, Some(Part::Text { .. }));
    let rest = parts.get(at + 1..).unwrap_or_default().iter();
    let run = rest.take_while(move |part| is_text && matches!(part, Part::Text { .. } | Part::Citation(_)));
    first.into_iter().chain(run).filter_map(|part| match part {
        Part::Text { text } | Part::Reasoning { text, .. } => Some(text.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::message::Citation;

    use super::*;

    #[test]
    fn citations_do_not_split_a_text_and_other_parts_do() {
        let text = |text: &str| Part::Text { text: text.into() };
        let thought = |text: &str| Part::Reasoning { text: text.into(), duration_ms: None };
        let source = Part::Citation(Citation::default());
        let parts = [thought("Hm"), text("a"), source.clone(), text("b"), source, thought("So"), text("c")];
        let from = |at| text_from(&parts, at).collect::<String>();
        assert_eq!([from(0), from(1), from(5), from(6)], ["Hm", "ab", "So", "c"]);
    }
}
