//! Shared by all routes: extractors for the user, the client and the input, and the format of every response.

pub(crate) mod address;
pub(crate) mod api_error;
pub(crate) mod body;
pub(crate) mod cookie;
pub(crate) mod credentials;
pub(crate) mod envelope;
pub(crate) mod open_responses;
pub(crate) mod origin;
pub(crate) mod peer;
pub(crate) mod query;
pub(crate) mod signed_in;
pub(crate) mod slots;
pub(crate) mod sse;
mod unread;

pub(crate) use api_error::ApiError;
pub(crate) use body::Body;
pub(crate) use open_responses::OpenResponses;
pub(crate) use query::{Id, Query, SubId};
pub(crate) use signed_in::{Administrator, SignedIn};
