//! The pages, one for each [`Route`](crate::routes::Route).

pub mod auth;
pub mod chat;
pub mod not_found;
pub mod settings;
