//! One list of scenarios for all protocols.
//!
//! [`scenario::Scenario`] is the list; each scenario has one neutral reply, the same for every adapter. An adapter is
//! one file here: an [`adapter::Adapter`] in [`adapters`], whose `case` answers for every scenario, either with a
//! recording in `tests/fixtures/<adapter>/<scenario>.<extension>` or with the reason why its protocol cannot have it.
//! The `match` there has no catch-all, so a scenario that is forgotten does not compile, and a recording that is missing
//! or that nobody reads fails.
//!
//! To add an adapter: copy `openai.rs`, name its folder, its `events` and its `connect`, answer for each scenario, say
//! what the next request holds after the scenario `Native` (`echo`), and add it to [`adapters`]. Recordings are what
//! hosts send, shortened; their line ends are kept.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod adapter;
mod anthropic;
mod gemini;
mod natives;
mod ollama;
mod openai;
mod over_http;
mod recordings;
mod reply;
mod responses;
mod scenario;

/// Every adapter that speaks a protocol.
fn adapters() -> Vec<adapter::Adapter> {
    vec![anthropic::adapter(), gemini::adapter(), ollama::adapter(), openai::adapter(), responses::adapter()]
}
