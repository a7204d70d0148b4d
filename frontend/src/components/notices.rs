//! Announcements and notices.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::{i18n::t, state::notices::use_notices};

/// The live region for screen readers, and the notice at the edge.
#[component]
pub fn NoticeRegions() -> impl IntoView {
    let notices = use_notices();
    let announcement = notices.announcement();
    let message = notices.message();
    view! {
        <div class="visually-hidden" role="status" data-testid="announcer">{announcement}</div>
        <div class="toasts" role="alert">
            {move || {
                message.get().map(|text| {
                    view! {
                        <div class="toast">
                            <Glyph icon=Icon::Alert/>
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
