//! Why a request was not sent or not answered.

use std::{fmt, io, time::Duration};

use crate::UrlError;

/// The step that timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A connection.
    Connection,
    /// The start of the response.
    Headers,
    /// More of the response.
    Piece,
    /// The end of the response.
    End,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "there was no connection within",
            Self::Headers => "the server did not begin to answer within",
            Self::Piece => "the server said nothing for",
            Self::End => "the answer did not come whole within",
        })
    }
}

/// Why a request was not sent or not answered. Each message states what happened and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address may not be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The request is not for the origin that this client is bound to.
    #[error("the request is for another server than the one that was configured, and was not sent")]
    OtherOrigin,
    /// The name has no address.
    #[error("the host's name could not be found ({0}); check its spelling and the network")]
    Unresolved(String),
    /// The connection failed.
    #[error("could not connect: {0}")]
    Connect(String),
    /// The server's certificate is not trusted.
    #[error(
        "the server's certificate is not trusted: {0}; install its authority's certificate on this machine"
    )]
    Tls(String),
    /// Nothing arrived in time.
    #[error("{wait} {} ms", .limit.as_millis())]
    Timeout {
        /// The step that timed out.
        wait: Wait,
        /// How long.
        limit: Duration,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The body is longer than its limit.
    #[error("the answer is longer than {0} bytes and was given up")]
    TooLong(u64),
    /// The body's compression was not requested or is invalid.
    #[error("the answer is not encoded as it should be: {0}")]
    Encoding(String),
    /// The request itself cannot be sent.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// The client could not be created.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
}

impl Error {
    /// The same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unresolved(_) | Self::Connect(_) | Self::Timeout { .. } | Self::Broken(_))
    }

    pub(crate) fn from_reqwest(error: &reqwest::Error, connect_limit: Duration) -> Self {
        if let Some(ours) = find::<Self>(error) {
            return ours.clone();
        }
        let cause = root_cause(error);
        if error.is_builder() {
            return Self::Request(cause);
        }
        if error.is_timeout() {
            return Self::Timeout { wait: Wait::Connection, limit: connect_limit };
        }
        if !error.is_connect() {
            return Self::Broken(cause);
        }
        if find::<io::Error>(error).is_some_and(is_tls) { Self::Tls(cause) } else { Self::Connect(cause) }
    }
}

/// Whether an error comes from rustls, which reports untrusted certificates as invalid data, wrapped by other errors
/// of the same type.
fn is_tls(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::InvalidData || inner.is_some_and(is_tls)
}

/// The first error of a type in a chain of causes.
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The innermost cause; the outer ones repeat the address, which may contain secrets.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::addr_eq(cause, error) { "the request failed".to_owned() } else { cause.to_string() }
}
