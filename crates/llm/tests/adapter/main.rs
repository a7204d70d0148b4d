//! The adapters from outside: recorded bytes and real HTTP in, neutral events out.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a helper cannot do fails its test")]

mod decoding;
mod faults;
mod files;
mod peer;
mod services;
mod support;
mod wire;
