//! What the model thought before it spoke.

use std::time::Duration;

use kaiwa_shared::message::Part;
use leptos::prelude::*;

use super::text::Prose;
use crate::{
    browser::time,
    components::icon::{Glyph, Icon},
    i18n::use_locale,
    state::chat::MessageHandle,
};

/// The thoughts at a place of a reply, behind one line. They are open while they come and fold away when the answer
/// begins, unless the reader has chosen otherwise.
#[component]
pub fn Reasoning(
    /// The reply.
    message: MessageHandle,
    /// The place of the part.
    at: usize,
) -> impl IntoView {
    let thinking = {
        let message = message.clone();
        Memo::new(move |_| message.is_streaming() && message.parts.with(|parts| parts.len() == at + 1))
    };
    let chosen = RwSignal::new(None::<bool>);
    let open = Memo::new(move |_| chosen.get().unwrap_or_else(|| thinking.get()));
    let label = label(&message, at, thinking);
    view! {
        <div class="reasoning" class:thinking=thinking>
            <button
                type="button"
                class="fold"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                on:click=move |_| chosen.set(Some(!open.get_untracked()))
            >
                <Glyph icon=Icon::Thought/>
                <span>{label}</span>
                <Glyph icon=Icon::ChevronDown/>
            </button>
            {move || {
                let message = message.clone();
                open.get().then(|| {
                    view! { <div class="fold-body"><Prose message at/></div> }.into_any()
                })
            }}
        </div>
    }
}

/// "Thinking… 12 s", then "Thought for 12 s".
fn label(message: &MessageHandle, at: usize, thinking: Memo<bool>) -> Signal<String> {
    let locale = use_locale();
    let watched = thinking.get_untracked();
    let began = time::now();
    let elapsed = RwSignal::new(0_u64);
    if watched
        && let Ok(ticks) = set_interval_with_handle(
            move || {
                if thinking.get_untracked() {
                    elapsed.set(time::now().since(began).as_secs());
                }
            },
            Duration::from_secs(1),
        )
    {
        on_cleanup(move || ticks.clear());
    }
    let parts = message.parts.clone();
    let told = Memo::new(move |_| {
        parts.with(|parts| match parts.get(at) {
            Some(Part::Reasoning { duration_ms, .. }) => *duration_ms,
            _ => None,
        })
    });
    Signal::derive(move || {
        let words = locale.words();
        let seconds = told.get().map(|millis| millis.div_ceil(1000));
        match (thinking.get(), seconds) {
            (true, _) => (words.thinking)(elapsed.get()),
            (false, Some(seconds)) => (words.thought_for)(seconds),
            (false, None) if watched => (words.thought_for)(elapsed.get().max(1)),
            (false, None) => words.thought.to_owned(),
        }
    })
}
