//! Announcements and notices.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::{
    i18n::t,
    state::notices::{Notice, use_notices},
};

/// The live region for screen readers, and the notice at the edge.
#[component]
pub fn NoticeRegions() -> impl IntoView {
    let notices = use_notices();
    let announcement = notices.announcement();
    let notice = notices.notice();
    let is_error =
        Memo::new(move |_| notice.with(|notice| notice.as_ref().is_none_or(|notice| notice.is_error)));
    view! {
        <div class="visually-hidden" role="status" data-testid="announcer">{announcement}</div>
        // What is no error is announced politely instead.
        <div class="toasts" role="alert" aria-live=move || if is_error.get() { "assertive" } else { "off" }>
            {move || {
                notice.get().map(|Notice { text, is_error }| {
                    let icon = if is_error { Icon::Alert } else { Icon::Info };
                    view! {
                        <div class="toast">
                            <Glyph icon/>
                            <span>{text}</span>
                            <button
                                type="button"
                                class="icon-button"
                                aria-label=t(|words| words.common.dismiss)
                                on:click=move |_| notices.dismiss()
                            >
                                <Glyph icon=Icon::Close/>
                            </button>
                        </div>
                    }
                    .into_any()
                })
            }}
        </div>
    }
}
