//! State that outlives a page. Each concern is one named, `Copy` context with a `provide_…` and a `use_…`.
//!
//! Pages read; the methods here write and talk to the server. Collections hold `Arc` signals, so that a removed entry
//! frees them and a task that outlives a page never uses a disposed one.

mod backoff;
pub mod chat;
pub mod choices;
pub mod conversations;
pub mod drafts;
pub mod feed;
pub mod model_lists;
pub mod models;
pub mod navigation;
pub mod notices;
mod outage;
pub mod places;
pub mod preferences;
pub mod prompts;
pub mod session;
mod slots;
pub mod uploads;
