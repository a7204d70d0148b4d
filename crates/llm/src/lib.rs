//! One neutral request and event stream for every LLM provider.
//!
//! This is the only crate that knows a provider's JSON. A caller builds a [`Request`], hands it to a [`Provider`] and
//! reads [`Event`]s; whatever a provider does differently ends in its own folder. Dropping the stream closes the
//! connection to the provider, which is how a generation is cancelled.
//!
//! To add a provider, add a folder like [`openai`]: translation to its JSON and from its bytes as pure functions, the
//! shapes of its errors, and a [`Provider`] that joins them to [`http`]. Record what it sends in `tests/fixtures`.

pub mod abilities;
pub mod demo;
pub mod error;
pub mod event;
pub mod http;
pub mod openai;
pub mod provider;
pub mod request;
pub mod sse;

pub use demo::Demo;
pub use error::{Error, ErrorKind};
pub use event::{Citation, Event, FinishReason, Native, ToolCallDelta, ToolResult, Usage};
pub use openai::{Endpoint, EndpointError, OpenAi};
pub use provider::{EventStream, Provider};
pub use request::{Content, Effort, Message, Request, Role, Tool};
