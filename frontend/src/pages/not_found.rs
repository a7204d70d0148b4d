//! Nothing is here.

use leptos::prelude::*;

use crate::i18n::t;

/// A friendly word where nothing is, and the way back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <div class="placard">
            <h1>{t(|words| words.not_found_title)}</h1>
            <p>{t(|words| words.not_found_detail)}</p>
            <a class="button primary" href="/">{t(|words| words.back_to_start)}</a>
        </div>
    }
}
