//! Wrappers for browser APIs.

pub mod channel;
pub mod clipboard;
pub mod files;
pub mod keyboard;
pub mod lease;
pub mod page;
pub mod selection;
pub mod speech;
pub mod storage;
pub mod text_field;
pub mod time;
