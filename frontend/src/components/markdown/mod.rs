//! Markdown as a reader sees it.

use leptos::prelude::*;

/// A whole text.
#[component]
pub fn Markdown(
    /// The Markdown.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <div class="markdown plain" dir="auto">{text}</div> }
}
