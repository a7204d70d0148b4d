//! The Kaiwa server: settings, HTTP routes, static files, and the code that ties them together.
//!
//! [`app::Application`] is the whole server. `main` builds one from the environment; the tests build one on port 0.
//! No other crate knows HTTP status codes.

pub mod app;
pub mod cli;
mod clock;
mod files;
mod frames;
mod housekeeping;
mod http;
pub mod logging;
mod openapi;
mod providers;
mod routes;
mod runner;
mod sessions;
pub mod settings;
mod setup_code;
mod state;
mod static_files;

pub use openapi::document as openapi_document;
