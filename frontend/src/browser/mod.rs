//! Wrappers for browser APIs.

pub mod clipboard;
pub mod keyboard;
pub mod page;
pub mod storage;
pub mod time;
