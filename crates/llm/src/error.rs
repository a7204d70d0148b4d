//! Why a provider did not answer.

use std::time::Duration;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The key is missing, wrong or not allowed to do this (401, 403).
    Auth,
    /// Too many requests or tokens in a period (429).
    RateLimit,
    /// No credit left (402, `insufficient_quota`).
    Quota,
    /// The conversation is longer than the model's window.
    ContextLength,
    /// A filter refused the prompt or the reply.
    ContentFilter,
    /// The provider does not offer this model (404).
    ModelNotFound,
    /// Any other refusal that a retry cannot change.
    InvalidRequest,
    /// The provider failed or is overloaded (5xx, 529).
    Unavailable,
    /// A connection, the first byte or more data took too long.
    Timeout,
    /// The provider could not be reached, or the connection broke before the first event.
    Network,
    /// The response does not follow the protocol: HTML, garbage, an endless line.
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
    /// The provider's message, at most 500 characters and without keys, or ours if it sent none.
    pub detail: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The same request may succeed later.
    pub retryable: bool,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// An error of `kind`, which also decides whether a retry may help.
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
