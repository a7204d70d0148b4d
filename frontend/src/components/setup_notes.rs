//! Notes on the start page for whoever sets Kaiwa up: how to connect a model, and what is wrong with the configuration.

use kaiwa_shared::{
    Code,
    auth::Role,
    model::{FailedProvider, FoundServer},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    controls::copy_button,
    icon::{Glyph, Icon},
};
use crate::{
    i18n::{t, use_locale},
    state::{models::use_models, notices::use_notices, session::use_session},
};

/// How to connect a model. Administrators also see the servers that were found.
pub fn connect_note() -> AnyView {
    let (models, locale) = (use_models(), use_locale());
    let found = move || {
        let row = |server: FoundServer| {
            let FoundServer { name, models, line, .. } = server;
            let text = line.clone();
            view! {
                <p>{(locale.words().chat.server_found)(&name, models)}</p>
                <p class="connect-line">
                    <code>{line}</code>
                    {copy_button(t(|words| words.common.copy), Callback::new(move |()| text.clone()))}
                </p>
            }
            .into_any()
        };
        models.found().into_iter().map(row).collect_view()
    };
    view! {
        <div class="connect-note">
            <p>{t(|words| words.chat.connect_model)}</p>
            {found}
        </div>
    }
    .into_any()
}

/// What is wrong with the providers and the default model. Administrators see each provider that failed, and why; others
/// only that no model can be reached.
pub fn provider_notes() -> AnyView {
    let models = use_models();
    if untrack(|| use_session().user()).is_none_or(|user| user.role != Role::Admin) {
        let unavailable = || view! { <p class="connect-note">{t(|words| words.chat.models_unavailable)}</p> };
        return (move || models.are_unavailable().then(unavailable)).into_any();
    }
    models.look_for_servers();
    let failed = Memo::new(move |_| models.failed());
    let is_waiting = Memo::new(move |_| models.are_unavailable() && models.is_asking());
    view! {
        {move || {
            if !failed.read().is_empty() {
                failed_providers(failed.get())
            } else if is_waiting.get() {
                view! { <p class="connect-note" role="status">{t(|words| words.chat.asking_providers)}</p> }.into_any()
            } else {
                ().into_any()
            }
        }}
        {move || models.unknown_default().map(unknown_default)}
    }
    .into_any()
}

fn failed_providers(failed: Vec<FailedProvider>) -> AnyView {
    let (models, locale, notices) = (use_models(), use_locale(), use_notices());
    let retry = move |_| {
        if !models.is_asking_untracked() {
            spawn_local(async move {
                if let Err(error) = models.refresh().await {
                    notices.fail(locale.words_now().error(&error));
                }
            });
        }
    };
    let row = move |provider: FailedProvider| {
        let FailedProvider { name, code, detail } = provider;
        let why = move || {
            let words = locale.words();
            if code == Code::ModelNotFound { words.chat.no_models } else { (words.errors.problem)(code) }
        };
        view! {
            <li>
                <strong>{name}</strong>
                " — "
                {why}
                <span class="provider-detail">{detail}</span>
            </li>
        }
        .into_any()
    };
    let (again, asking) = (t(|words| words.common.try_again), t(|words| words.chat.asking_providers));
    view! {
        <section class="setup-note" aria-label=t(|words| words.chat.providers_failed)>
            <p>{t(|words| words.chat.providers_failed)}</p>
            <ul>{failed.into_iter().map(row).collect_view()}</ul>
            <button
                type="button"
                class="button small"
                class:busy=move || models.is_asking()
                aria-disabled=move || models.is_asking().then_some("true")
                on:click=retry
            >
                <Glyph icon=Icon::Retry/>
                {move || if models.is_asking() { asking.get() } else { again.get() }}
            </button>
        </section>
    }
    .into_any()
}

/// `DEFAULT_MODEL` names a model that nobody offers.
fn unknown_default(model: String) -> AnyView {
    let (models, locale) = (use_models(), use_locale());
    let text = move || {
        let instead = models.find(None).map(|model| model.name).unwrap_or_default();
        (locale.words().chat.unknown_default)(&model, &instead)
    };
    view! { <section class="setup-note"><p>{text}</p></section> }.into_any()
}
