//! The page for unknown addresses.

use leptos::prelude::*;

use crate::i18n::t;

/// Says that there is nothing here, and links to the start page.
#[component]
pub fn NotFound() -> impl IntoView {
    let title = t(|words| words.errors.not_found_title);
    Effect::new(move |_| document().set_title(&format!("{} · Kaiwa", title.get())));
    view! {
        <div class="placard">
            <h1>{title}</h1>
            <p>{t(|words| words.errors.not_found_detail)}</p>
            <a class="button primary" href="/">{t(|words| words.errors.back_to_start)}</a>
        </div>
    }
}
