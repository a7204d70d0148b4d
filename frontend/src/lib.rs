//! The Kaiwa client: Leptos, rendered in the browser.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`app`] | the composition: every store, then the page that the address names |
//! | [`routes`] | addresses as a type |
//! | [`api`] | the only place that calls `fetch`; one module for each resource |
//! | [`state`] | what outlives a page: one named, `Copy` context for each concern |
//! | [`pages`], [`components`] | what is seen; they read state and call its methods, and hold no rule of their own |
//! | [`i18n`] | every word, in every language |
//! | [`browser`] | the few things the browser does for us: storage, time, clipboard, focus |
//!
//! The crate also compiles natively, where nothing of it can be shown but everything that only computes is tested.

pub mod api;
pub mod app;
pub mod browser;
pub mod components;
pub mod i18n;
pub mod pages;
pub mod routes;
pub mod state;

pub use app::mount;
