//! The Kaiwa client: Leptos, rendered in the browser.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`app`] | the root: every store, then the page that the address names |
//! | [`routes`] | addresses as a type |
//! | [`api`] | the only place that calls `fetch`; one module for each resource |
//! | [`state`] | state that outlives a page: one named, `Copy` context for each concern |
//! | [`pages`], [`components`] | the views; they read state and call its methods, and hold no rules of their own |
//! | `pieces` | the parts of the program that are loaded on demand |
//! | [`i18n`] | every text, in every language |
//! | [`browser`] | browser APIs: storage, time, clipboard, focus |
//!
//! The crate also compiles natively, so that its logic can be tested without a browser.

pub mod api;
pub mod app;
pub mod browser;
pub mod components;
pub mod i18n;
pub mod pages;
mod pieces;
pub mod routes;
pub mod state;

pub use app::mount;
