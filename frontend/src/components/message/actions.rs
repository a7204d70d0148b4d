//! What can be done with a message.

use std::time::Duration;

use kaiwa_shared::message::Author;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    browser::{clipboard, time},
    components::icon::{Glyph, Icon},
    i18n::{t, use_locale},
    state::{chat::MessageHandle, notices::use_notices},
};

/// How long "Copied" is shown.
const SHOWN: Duration = Duration::from_secs(2);

/// The actions under a message, and the model that wrote it.
#[component]
pub fn Actions(
    /// The message.
    message: MessageHandle,
    /// What the model is called; `None` under what the user said.
    model_name: Signal<Option<String>>,
) -> impl IntoView {
    let has_text = {
        let parts = message.parts.clone();
        let author = message.author;
        Memo::new(move |_| {
            author == Author::User || parts.with(|parts| !kaiwa_shared::message::text_of(parts).is_empty())
        })
    };
    view! {
        <div class="actions">
            {move || {
                let message = message.clone();
                has_text.get().then(|| view! { <CopyButton message/> }.into_any())
            }}
            {move || model_name.get().map(|name| view! { <span class="by-model">{name}</span> })}
        </div>
    }
}

#[component]
fn CopyButton(message: MessageHandle) -> impl IntoView {
    let notices = use_notices();
    let locale = use_locale();
    let copied = ArcRwSignal::new(false);
    let show = copied.clone();
    let copy = move |_| {
        let (text, show) = (message.text(), show.clone());
        spawn_local(async move {
            let words = locale.words_now();
            if clipboard::copy(&text).await {
                notices.announce(words.copied);
                show.set(true);
                time::sleep(SHOWN).await;
                show.set(false);
            } else {
                notices.fail(words.copy_failed.to_owned());
            }
        });
    };
    let (name, done) = (t(|words| words.copy), t(|words| words.copied));
    let label = {
        let copied = copied.clone();
        Signal::derive(move || if copied.get() { done.get() } else { name.get() })
    };
    view! {
        <button type="button" class="icon-button" aria-label=label title=label on:click=copy>
            {move || {
                let icon = if copied.get() { Icon::Check } else { Icon::Copy };
                view! { <Glyph icon/> }
            }}
        </button>
    }
}
