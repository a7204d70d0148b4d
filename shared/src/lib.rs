//! The words that Kaiwa's browser client and server exchange: ids, requests, replies, stream events and problems.
//!
//! This crate compiles to WASM and does no I/O. A type belongs here when both sides must agree on it; what only one
//! side knows (a row, a signal, a provider's JSON) stays there. With the feature `openapi` every type also describes
//! itself for the API document.

pub mod auth;
pub mod conversation;
pub mod feed;
pub mod ids;
pub mod lines;
pub mod message;
pub mod model;
pub mod problem;
pub mod settings;
pub mod sse;
pub mod stream;
pub mod time;
pub mod title;

pub use ids::{ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, UserId};
pub use problem::{Code, Problem};
