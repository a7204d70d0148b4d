//! An error, shown where it happened.

use std::time::Duration;

use kaiwa_shared::{Code, time::Millis};
use leptos::prelude::*;

use crate::{
    api::Error,
    browser::time,
    components::{
        controls::seconds_until,
        icon::{Glyph, Icon},
    },
    i18n::use_locale,
    state::{
        chat::{Chat, use_chats},
        models::use_models,
    },
};

/// Whether the detail has the provider's own words or its finish reason.
fn has_providers_words(code: Code) -> bool {
    code.as_str().starts_with("provider_")
        || matches!(code, Code::ContextLength | Code::ContentFilter | Code::EmptyReply | Code::UnknownContent)
}

/// An error in the user's language, with the wait and a retry button. Where the model is gone, the button offers the
/// default one. `retry` gets the model to ask instead.
pub fn error_note(chat: &Chat, error: Error, since: Millis, retry: Callback<Option<String>>) -> AnyView {
    let locale = use_locale();
    let (models, chats) = (use_models(), use_chats());
    let is_gone = error.code() == Some(Code::ModelNotFound);
    let instead = Memo::new(move |_| models.find(None).filter(|model| is_gone && !model.demo));
    let retry = {
        let chat = chat.clone();
        move |_| {
            let model = instead.get_untracked().map(|model| model.id);
            if let Some(model) = model.clone() {
                chats.set_model(&chat, model);
            }
            retry.run(model);
        }
    };
    let label = move || match instead.get() {
        Some(model) => (locale.words().message.answer_with)(&model.name),
        None => locale.words().common.try_again.to_owned(),
    };
    let said_by_provider = match &error {
        Error::Problem(problem) if has_providers_words(problem.code) => {
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
            <button type="button" class="button small" on:click=retry>
                <Glyph icon=Icon::Retry/>
                {label}
            </button>
        </div>
    }
    .into_any()
}
