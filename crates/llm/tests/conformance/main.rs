//! One list of scenarios for all protocols.
//!
//! [`scenario::Scenario`] is the list; each scenario has one neutral reply for all adapters. Each adapter is one file
//! here: an [`adapter::Adapter`] in [`adapters`], whose `case` covers every scenario with a recording in
//! `tests/fixtures/<adapter>/<scenario>.<extension>` or with the reason why its protocol does not support it. The
//! `match` there has no catch-all, so a missing scenario does not compile, and a missing or unused recording fails.
//!
//! To add an adapter, copy `openai.rs`, set its folder, `events` and `connect`, cover each scenario, set the expected
//! next request after the scenario `ProviderBlock` (`echo`), and add it to [`adapters`]. Recordings are shortened
//! responses of hosts with their original line ends.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod adapter;
mod anthropic;
mod gemini;
mod limits;
mod loose;
mod ollama;
mod openai;
mod over_http;
mod provider_blocks;
mod recordings;
mod reply;
mod responses;
mod scenario;

/// All adapters.
fn adapters() -> Vec<adapter::Adapter> {
    vec![anthropic::adapter(), gemini::adapter(), ollama::adapter(), openai::adapter(), responses::adapter()]
}
