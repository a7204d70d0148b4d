//! The client against servers of its own, one for each way in which a server or a name can be unkind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

mod answers;
mod proxies;
mod reach;
mod support;
mod tls;
