//! An error where it happened, with what to do.

use std::time::Duration;

use kaiwa_shared::time::Millis;
use leptos::prelude::*;

use crate::{
    api::Error,
    browser::time,
    components::{
        controls::seconds_until,
        icon::{Glyph, Icon},
    },
    i18n::{t, use_locale},
};

/// What went wrong, in the reader's language, how long to wait, and a way to try again.
pub fn error_note(error: Error, since: Millis, retry: Callback<()>) -> AnyView {
    let locale = use_locale();
    let said_by_provider = match &error {
        Error::Problem(problem) if problem.code.as_str().starts_with("provider_") => {
            Some(problem.detail.clone()).filter(|detail| !detail.is_empty())
        }
        _ => None,
    };
    // The two clocks may differ, but the wait is never longer than was said.
    let left = error.retry_after().map(|seconds| {
        let now = time::now();
        let said = Duration::from_secs(seconds);
        seconds_until(now.plus(since.plus(said).since(now).min(said)))
    });
    let wait = move || left.map(|left| left.get()).filter(|seconds| *seconds > 0);
    view! {
        <div class="error-note" role="alert">
            <Glyph icon=Icon::Alert/>
            <div class="error-text">
                // Said once: a voice that counts down would never be silent.
                <p aria-live="off">{move || locale.words().error_with_wait(&error, wait())}</p>
                {said_by_provider.map(|detail| view! { <p class="error-detail">{detail}</p> })}
            </div>
            <button type="button" class="button small" on:click=move |_| retry.run(())>
                <Glyph icon=Icon::Retry/>
                {t(|words| words.try_again)}
            </button>
        </div>
    }
    .into_any()
}
