//! One neutral request and event stream for every LLM provider.
//!
//! This is the only crate that knows a provider's JSON. A caller builds a [`Request`], hands it to a [`Provider`] and
//! reads [`Event`]s; whatever a provider does differently ends in its own folder. Dropping the stream closes the
//! connection to the provider, which is how a generation is cancelled.
//!
//! To add a protocol, add a folder like [`openai`] that is pure translation: the request as a struct that `serde` writes,
//! a `wire::Decode` that turns frames into events, and a small [`Provider`] that names the addresses. `address` reads
//! what people write, `transport` sends and reads, `wire` cuts the bytes into frames and knows the shapes in which hosts
//! refuse, `without` lists the features that they refuse, and `pages` reads lists that come in pages. Record what it sends in `tests/fixtures` and answer for each scenario of `tests/conformance`.

pub mod abilities;
mod address;
pub mod anthropic;
pub mod demo;
pub mod error;
pub mod event;
pub mod gemini;
pub mod http;
pub mod ollama;
pub mod openai;
mod pages;
pub mod provider;
mod replay;
pub mod request;
pub mod responses;
pub mod sse;
mod transport;
mod wire;
mod without;

pub use address::EndpointError;
pub use anthropic::Anthropic;
pub use demo::Demo;
pub use error::{Error, ErrorKind};
pub use event::{Event, FinishReason, Native};
pub use gemini::Gemini;
pub use kaiwa_shared::stream::ToolCallDelta;
pub use ollama::Ollama;
pub use openai::{Endpoint, OpenAi};
pub use provider::{EventStream, Provider};
pub use request::{Content, Message, Request, Role, Tool};
pub use responses::Responses;
