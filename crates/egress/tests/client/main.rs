//! The client against scripted servers and names, one for each kind of misbehaviour.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

mod answers;
mod proxies;
mod reach;
mod support;
mod tls;
