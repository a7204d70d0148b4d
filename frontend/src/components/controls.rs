//! Small controls that are used everywhere, each compiled once.

use std::time::Duration;

use kaiwa_shared::time::Millis;
use leptos::{prelude::*, task::spawn_local};

use super::icon::{Glyph, Icon};
use crate::{
    browser::{clipboard, time},
    i18n::{t, use_locale},
    state::notices::use_notices,
};

/// How long "Copied" is shown.
const SHOWN: Duration = Duration::from_secs(2);

/// A button with an icon and a name. `class` is for the style sheet and for focus management. While `disabled`, it keeps
/// the focus, because browsers drop the focus of a disabled button.
pub fn icon_button(
    icon: Icon,
    class: &'static str,
    label: Signal<&'static str>,
    disabled: Signal<bool>,
    act: Callback<()>,
) -> AnyView {
    view! {
        <button
            type="button"
            class=format!("icon-button {class}")
            aria-label=label
            title=label
            aria-disabled=move || disabled.get().then_some("true")
            on:click=move |_| {
                if !disabled.get_untracked() {
                    act.run(());
                }
            }
        >
            <Glyph icon/>
        </button>
    }
    .into_any()
}

/// A small button with a visible name.
pub fn small_button(class: &'static str, label: Signal<&'static str>, act: Callback<()>) -> AnyView {
    view! {
        <button type="button" class=format!("button small {class}") on:click=move |_| act.run(())>
            {label}
        </button>
    }
    .into_any()
}

/// A button that copies a text and confirms it.
pub fn copy_button(name: Signal<&'static str>, text: Callback<(), String>) -> AnyView {
    let notices = use_notices();
    let locale = use_locale();
    let copied = ArcRwSignal::new(false);
    let show = copied.clone();
    let copy = move |_| {
        let (text, show) = (text.run(()), show.clone());
        spawn_local(async move {
            let words = locale.words_now();
            if clipboard::copy(&text).await {
                notices.announce(words.common.copied);
                show.set(true);
                time::sleep(SHOWN).await;
                show.set(false);
            } else {
                notices.fail(words.common.copy_failed.to_owned());
            }
        });
    };
    let done = t(|words| words.common.copied);
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
    .into_any()
}

/// Whole seconds until a moment, counting down while the component is mounted.
pub fn seconds_until(moment: Millis) -> RwSignal<u64> {
    let left = move || moment.plus(Duration::from_millis(999)).since(time::now()).as_secs();
    let seconds = RwSignal::new(left());
    let tick = move || {
        if seconds.get_untracked() != left() {
            seconds.set(left());
        }
    };
    if seconds.get_untracked() > 0
        && let Ok(ticks) = set_interval_with_handle(tick, Duration::from_millis(250))
    {
        on_cleanup(move || ticks.clear());
    }
    seconds
}
