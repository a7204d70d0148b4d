//! Passwords, tokens and secrets, without an HTTP framework or SQL.
//!
//! Functions that depend on the time take it as an argument. Only [`random`] produces randomness.

pub mod device;
pub mod identity;
pub mod password;
pub mod policy;
pub mod random;
pub mod secret;
pub mod throttle;
pub mod token;
