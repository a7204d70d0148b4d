//! Passwords, tokens and secrets: no HTTP framework, no SQL, and no clock of its own.
//!
//! Everything that depends on the time takes it as an argument; randomness comes from [`random`] alone.

pub mod identity;
pub mod password;
pub mod policy;
pub mod random;
pub mod secret;
pub mod throttle;
pub mod token;
