//! The few things that the browser does for us, each in one place.

pub mod clipboard;
pub mod keyboard;
pub mod page;
pub mod storage;
pub mod time;
