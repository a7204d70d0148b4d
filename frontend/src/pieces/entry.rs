//! The piece `entry`: the page that only those see who are not signed in.

#![expect(clippy::unnecessary_wraps, reason = "loading fails, not the function that is loaded")]

use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use super::Piece;
use crate::{api::Api, pages::auth};

/// The page that only those see who are not signed in.
pub(crate) struct Entry {
    /// The sign-in page.
    pub(crate) sign_in: fn() -> AnyView,
}

static ENTRY: Entry = Entry { sign_in: auth::page };

#[wasm_split(entry, wasm_split_path = ::leptos::wasm_split, fallible)]
fn entry() -> Result<&'static Entry, SplitLoaderError> {
    Ok(&ENTRY)
}

/// Provides the piece.
pub(crate) fn provide_entry(api: Api) -> Piece<Entry> {
    let piece = Piece::new(api, || Box::pin(entry()));
    provide_context(piece);
    piece
}

/// The piece.
pub(crate) fn use_entry() -> Piece<Entry> {
    expect_context()
}
