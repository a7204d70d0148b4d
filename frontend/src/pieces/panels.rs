//! The piece `panels`: what opens only on a click.

#![expect(clippy::unnecessary_wraps, reason = "loading fails, not the function that is loaded")]

use kaiwa_shared::MessageId;
use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use super::Piece;
use crate::{
    api::Api,
    components::{
        artifacts::{self, Artifacts},
        chat_settings, model_picker,
        popover::Popover,
        thread::{self, Scroller},
    },
    pages::settings,
    state::chat::Chat,
};

/// What opens only on a click.
pub(crate) struct Panels {
    /// The settings page.
    pub(crate) settings: fn() -> AnyView,
    /// The content of the model picker.
    pub(crate) model_picker: fn(Popover, Chat, Memo<Option<String>>) -> AnyView,
    /// The content of the settings of a conversation.
    pub(crate) chat_settings: fn(chat_settings::Panel) -> AnyView,
    /// The outline of a conversation.
    pub(crate) outline: fn(&Chat, Scroller, Callback<Option<MessageId>>) -> AnyView,
    /// The search bar of a conversation.
    pub(crate) find: fn(&Chat, Scroller, Callback<()>) -> AnyView,
    /// The panel of an artifact.
    pub(crate) artifact: fn(Artifacts) -> AnyView,
}

static PANELS: Panels = Panels {
    settings: settings::page,
    model_picker: model_picker::content,
    chat_settings: chat_settings::Panel::content,
    outline: thread::outline,
    find: thread::find_bar,
    artifact: artifacts::panel,
};

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, fallible)]
fn panels() -> Result<&'static Panels, SplitLoaderError> {
    Ok(&PANELS)
}

/// Provides the piece.
pub(crate) fn provide_panels(api: Api) {
    provide_context(Piece::new(api, || Box::pin(panels())));
}

/// The piece.
pub(crate) fn use_panels() -> Piece<Panels> {
    expect_context()
}
