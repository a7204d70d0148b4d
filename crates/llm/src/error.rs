//! Why a provider did not answer, as one typed error.

use std::time::Duration;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The key is missing, wrong or not allowed to do this (401, 403).
    Auth,
    /// Too many requests or tokens in a time (429).
    RateLimit,
    /// No credit left (402, `insufficient_quota`).
    Quota,
    /// The conversation is longer than the model's window.
    ContextLength,
    /// A filter refused the prompt or the reply.
    ContentFilter,
    /// The provider does not offer this model (404).
    ModelNotFound,
    /// Anything else that the provider would refuse again.
    InvalidRequest,
    /// The provider failed or is overloaded (5xx, 529).
    Unavailable,
    /// No connection, no first byte, or nothing more for too long.
    Timeout,
    /// The provider could not be reached, or the connection broke before the first event.
    Network,
    /// The answer is not the protocol: HTML, garbage, a line without end.
    Protocol,
    /// The stream ended before the reply did.
    CutOff,
}

/// Why a provider did not answer, or stopped answering.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}: {detail}")]
pub struct Error {
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// The provider's own words, at most 500 characters, free of keys; or ours where it said nothing.
    pub detail: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The same request may succeed later. Decided once, where the failure is known.
    pub retryable: bool,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// A failure of `kind`; whether a retry helps follows from the kind.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let retryable = matches!(
            kind,
            ErrorKind::RateLimit
                | ErrorKind::Unavailable
                | ErrorKind::Timeout
                | ErrorKind::Network
                | ErrorKind::CutOff
        );
        Self { kind, detail: detail.into(), status: None, retryable, retry_after: None }
    }
}
