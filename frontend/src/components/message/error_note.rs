//! An error, shown where it happened.

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

/// An error in the user's language, with the wait and a retry button.
pub fn error_note(error: Error, since: Millis, retry: Callback<()>) -> AnyView {
    let locale = use_locale();
    let said_by_provider = match &error {
        Error::Problem(problem) if problem.code.as_str().starts_with("provider_") => {
            Some(problem.detail.clone()).filter(|detail| !detail.is_empty())
        }
        _ => None,
    };
    // The clocks may differ, but the wait is never longer than the server asked for.
    let left = error.retry_after().map(|seconds| {
        let now = time::now();
        let wait = Duration::from_secs(seconds);
        seconds_until(now.plus(since.plus(wait).since(now).min(wait)))
    });
    let wait = move || left.map(|left| left.get()).filter(|seconds| *seconds > 0);
    view! {
        <div class="error-note" role="alert">
            <Glyph icon=Icon::Alert/>
            <div class="error-text">
                // Announced once, not with every second of the countdown.
                <p aria-live="off">{move || locale.words().error_with_wait(&error, wait())}</p>
                {said_by_provider.map(|detail| view! { <p class="error-detail">{detail}</p> })}
            </div>
            <button type="button" class="button small" on:click=move |_| retry.run(())>
                <Glyph icon=Icon::Retry/>
                {t(|words| words.common.try_again)}
            </button>
        </div>
    }
    .into_any()
}
