//! What only an administrator may ask.

pub(crate) mod found;
