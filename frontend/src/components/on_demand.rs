//! What shows the content of a piece, and until that is loaded, why it is missing.

use std::sync::Arc;

use leptos::prelude::*;

use super::{controls::icon_button, icon::Icon};
use crate::{
    browser::page,
    i18n::{Words, t},
    pieces::{Phase, Piece},
};

/// What shows the content of a piece. One type for all of them, so that the code around it is compiled once.
pub(crate) type Show<T> = Arc<dyn Fn(&'static T) -> AnyView + Send + Sync>;

/// Shows what `show` makes of a piece, which this loads. What opens over the page has `on_close`; until the piece is loaded,
/// that closes what is said instead.
pub(crate) fn on_demand<T: Sync>(piece: Piece<T>, on_close: Option<Callback<()>>, show: Show<T>) -> AnyView {
    piece.load();
    let retry = Callback::new(move |()| piece.load());
    let view = move || match piece.content() {
        Some(content) => untrack(|| show(content)),
        None => note(piece.phase(), retry, on_close),
    };
    view.into_any()
}

/// Says that a piece takes long, or why it is missing and what can be done.
fn note(phase: Phase, retry: Callback<()>, on_close: Option<Callback<()>>) -> AnyView {
    let reload = Callback::new(|()| page::reload());
    let (text, action): (fn(&Words) -> &'static str, _) = match phase {
        Phase::Absent | Phase::Loading | Phase::Ready => return ().into_any(),
        Phase::Slow => (|words| words.common.loading, None),
        Phase::Failed => (|words| words.common.not_loaded, Some((t(|words| words.common.try_again), retry))),
        Phase::Outdated => (|words| words.common.outdated, Some((t(|words| words.common.reload), reload))),
    };
    let close = on_close.map(|on_close| {
        icon_button(Icon::Close, "", t(|words| words.common.dismiss), Signal::stored(false), on_close)
    });
    let on_key = move |event: web_sys::KeyboardEvent| {
        if let ("Escape", Some(on_close)) = (event.key().as_str(), on_close) {
            event.prevent_default();
            event.stop_propagation();
            on_close.run(());
        }
    };
    if action.is_some() && on_close.is_some() {
        request_animation_frame(|| page::focus_on(".on-demand.over .button"));
    }
    view! {
        <div class="on-demand" class:over=on_close.is_some() on:keydown=on_key>
            <p role=if action.is_some() { "alert" } else { "status" }>{t(text)}</p>
            {action.map(|(label, act)| view! {
                <button type="button" class="button small" data-focus="" on:click=move |_| act.run(())>{label}</button>
            })}
            {close}
        </div>
    }
    .into_any()
}
