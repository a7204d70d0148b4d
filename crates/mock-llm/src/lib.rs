//! A provider for tests, demonstrations and benchmarks that implements every protocol, including faults.
//!
//! ```no_run
//! let mock = kaiwa_mock_llm::MockLlm::start(kaiwa_mock_llm::Options::default())?;
//! println!("LLM_API_URL={}", mock.url());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A script becomes a plan of neutral pieces, a surface writes them as its protocol does, and the
//! wire sends what is written at its pace and with its faults.
//!
//! # Grammar
//!
#![doc = include_str!("../GRAMMAR.md")]

mod ask;
mod markdown;
mod models;
mod plan;
mod routes;
mod script;
mod server;
mod stamp;
mod state;
mod surface;
mod wire;

pub use script::{Content, Fault, Oddity, RetryAfter, Script, UnknownScript};
pub use server::{MockLlm, Options};
pub use stamp::monotonic_nanos;
pub use state::{Outcome, SeenRequest};
pub use surface::SIGNATURE;

/// The grammar of model names, as `--help` prints it.
pub const GRAMMAR: &str = include_str!("../GRAMMAR.md");
