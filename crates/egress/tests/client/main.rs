//! The client against servers of its own, one for each way in which a server or a name can be unkind.

mod answers;
mod proxies;
mod reach;
mod support;
mod tls;
