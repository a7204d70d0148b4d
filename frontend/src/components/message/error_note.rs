//! An error where it happened, with what to do.

use leptos::prelude::*;

use crate::{
    api::Error,
    components::icon::{Glyph, Icon},
    i18n::{t, use_locale},
};

/// What went wrong, in the reader's language, and a way to try again.
#[component]
pub fn ErrorNote(
    /// What went wrong.
    error: Error,
    /// Tries again.
    retry: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let said_by_provider = match &error {
        Error::Problem(problem) if problem.code.as_str().starts_with("provider_") => {
            Some(problem.detail.clone()).filter(|detail| !detail.is_empty())
        }
        _ => None,
    };
    view! {
        <div class="error-note" role="alert">
            <Glyph icon=Icon::Alert/>
            <div class="error-text">
                <p>{move || locale.words().error(&error)}</p>
                {said_by_provider.map(|detail| view! { <p class="error-detail">{detail}</p> })}
            </div>
            <button type="button" class="button small" on:click=move |_| retry.run(())>
                <Glyph icon=Icon::Retry/>
                {t(|words| words.try_again)}
            </button>
        </div>
    }
}
