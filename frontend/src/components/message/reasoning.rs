//! The reasoning of a reply.

use std::time::Duration;

use kaiwa_shared::message::Part;
use leptos::prelude::*;

use super::text::prose;
use crate::{
    browser::time,
    components::{
        controls::copy_button,
        icon::{Glyph, Icon},
    },
    i18n::{t, use_locale},
    state::{
        chat::MessageHandle,
        preferences::{Thoughts, use_preferences},
    },
};

/// Reasoning behind one line. It is open while it arrives and collapses when the answer begins, unless the user has
/// chosen otherwise here or in the settings.
pub(super) fn reasoning(message: &MessageHandle, at: usize) -> AnyView {
    let preferences = use_preferences();
    let thinking = {
        let message = message.clone();
        Memo::new(move |_| message.is_streaming() && message.parts.with(|parts| parts.len() == at + 1))
    };
    let chosen = RwSignal::new(None::<bool>);
    let open = Memo::new(move |_| {
        chosen.get().unwrap_or_else(|| match preferences.thoughts() {
            Thoughts::Auto => thinking.get(),
            Thoughts::Open => true,
            Thoughts::Folded => false,
        })
    });
    let label = label(message, at, thinking);
    let message = message.clone();
    let body = move || {
        open.get().then(|| {
            let text = {
                let parts = message.parts.clone();
                Callback::new(move |()| parts.with_untracked(|parts| thoughts_at(parts, at).to_owned()))
            };
            view! {
                <div class="fold-body">
                    {prose(&message, at)}
                    {copy_button(t(|words| words.message.copy_thoughts), text)}
                </div>
            }
            .into_any()
        })
    };
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
            {body}
        </div>
    }
    .into_any()
}

fn thoughts_at(parts: &[Part], at: usize) -> &str {
    match parts.get(at) {
        Some(Part::Reasoning { text, .. }) => text,
        _ => "",
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
    let duration = Memo::new(move |_| {
        parts.with(|parts| match parts.get(at) {
            Some(Part::Reasoning { duration_ms, .. }) => *duration_ms,
            _ => None,
        })
    });
    Signal::derive(move || {
        let words = locale.words();
        let seconds = duration.get().map(|millis| millis.div_ceil(1000).max(1));
        match (thinking.get(), seconds) {
            (true, _) => (words.message.thinking)(elapsed.get()),
            (false, Some(seconds)) => (words.message.thought_for)(seconds),
            (false, None) if watched => (words.message.thought_for)(elapsed.get().max(1)),
            (false, None) => words.message.thought.to_owned(),
        }
    })
}
