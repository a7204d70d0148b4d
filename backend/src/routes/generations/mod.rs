//! Following and stopping a generation.

pub(crate) mod events;
pub(crate) mod stop;
