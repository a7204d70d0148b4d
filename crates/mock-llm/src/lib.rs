//! An OpenAI-compatible server for tests, demonstrations and benchmarks, faults included.
//!
//! ```no_run
//! let mock = kaiwa_mock_llm::MockLlm::start(kaiwa_mock_llm::Options::default())?;
//! println!("LLM_API_URL={}", mock.url());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Grammar
//!
#![doc = include_str!("../GRAMMAR.md")]

mod markdown;
mod numbered;
mod reply;
mod request;
mod routes;
mod script;
mod server;
mod stamp;
mod state;
mod wire;

pub use script::{Content, Fault, Oddity, Script, UnknownScript};
pub use server::{MockLlm, Options};
pub use stamp::monotonic_nanos;
pub use state::SeenRequest;

/// The grammar of model names, as `--help` prints it.
pub const GRAMMAR: &str = include_str!("../GRAMMAR.md");
