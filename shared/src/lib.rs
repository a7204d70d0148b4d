//! Types that Kaiwa's browser client and server exchange: ids, requests, responses, stream events and problems.
//!
//! This crate compiles to WASM and performs no I/O. A type belongs here if both sides use it; types of only one side,
//! such as rows, signals and a provider's JSON, stay there. The feature `openapi` adds the schemas for the OpenAPI
//! document.

pub mod auth;
pub mod content;
pub mod conversation;
pub mod feed;
pub mod files;
pub mod ids;
pub mod lines;
pub mod message;
pub mod model;
pub mod parts;
pub mod problem;
pub mod prompts;
pub mod settings;
pub mod sse;
pub mod stream;
pub mod time;
pub mod title;

pub use content::{Content, ContentPart};
pub use files::File;
pub use ids::{
    ClientMessageId, ConversationId, FileId, GenerationId, MessageId, PromptId, RunnerId, SessionId, UserId,
};
pub use parts::Parts;
pub use problem::{Code, Problem};
