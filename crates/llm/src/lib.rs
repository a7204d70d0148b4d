//! One neutral request and event stream for every LLM provider.
//!
//! This is the only crate that knows a provider's JSON. A caller builds a [`Request`], passes it to a [`Provider`]
//! and reads [`Event`]s; a provider's differences stay in its folder. Dropping the stream closes the connection to
//! the provider, which is how a generation is cancelled.
//!
//! To add a protocol, add a folder like [`openai`]: the request as a struct that `serde` writes, a `wire::Decode`
//! that turns frames into events, and a small [`Provider`] that knows the addresses. `address` parses configured
//! addresses, `transport` sends and reads, `wire` splits bodies into frames and recognizes errors, `refused_features` lists
//! the features that providers refuse, and `pages` reads lists in pages. Record responses in `tests/fixtures` and
//! cover each scenario of `tests/conformance`.

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
mod refused_features;
mod replay;
pub mod request;
pub mod responses;
mod transport;
mod wire;

pub use address::EndpointError;
pub use anthropic::Anthropic;
pub use demo::Demo;
pub use error::{Error, ErrorKind};
pub use event::{Event, NoText, ProviderBlock};
pub use gemini::Gemini;
pub use kaiwa_shared::{message::Finish, stream::ToolCallDelta};
pub use ollama::Ollama;
pub use openai::{Endpoint, OpenAi};
pub use provider::{EventStream, Provider};
pub use request::{Content, Message, Request, Role, Tool};
pub use responses::Responses;
