//! What a failure makes of a reply and how its reader is told.

use kaiwa_llm::{Error, ErrorKind};
use kaiwa_shared::{
    Code, Problem,
    message::{Finish, Status},
    stream::{StreamError, StreamEvent},
};

use crate::live::Live;

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) status: Status,
    pub(crate) finish: Option<Finish>,
}

impl Ending {
    /// An end for which the model gave no reason.
    pub(crate) fn of(status: Status) -> Self {
        Self { status, finish: None }
    }
}

/// Why a reply ends although its provider would go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Its reader stopped it.
    Stopped,
    /// The server is going down.
    Shutdown,
    /// It took as long as a reply may.
    TimeUp,
    /// It is as long as a reply may be.
    Full,
}

/// Publishes why a reply was halted, where its reader did not do it.
pub(crate) fn halt(live: &Live, halt: Halt) -> Ending {
    let (detail, finish) = match halt {
        Halt::Stopped => return Ending::of(Status::Stopped),
        Halt::Shutdown => ("The server was stopped while the reply was being written.", None),
        Halt::TimeUp => {
            ("The reply took longer than this server allows. You can continue it.", Some(Finish::Length))
        }
        Halt::Full => {
            ("The reply is longer than this server allows. You can continue it.", Some(Finish::Length))
        }
    };
    live.publish(&StreamEvent::Error(StreamError { problem: Problem::new(Code::Interrupted, detail) }));
    Ending { status: Status::Interrupted, finish }
}

/// Publishes an error and says what it makes of the reply: one that had begun is interrupted, not failed.
pub(crate) fn fail(live: &Live, error: &Error) -> Ending {
    let begun = live.has_begun();
    tracing::warn!(
        generation = %live.ids().generation,
        kind = ?error.kind,
        status = error.status,
        retryable = error.retryable,
        begun,
        "the provider failed",
    );
    live.publish(&StreamEvent::Error(StreamError { problem: to_problem(error) }));
    if error.kind == ErrorKind::ContentFilter {
        return Ending { status: Status::Failed, finish: Some(Finish::ContentFilter) };
    }
    Ending::of(if begun { Status::Interrupted } else { Status::Failed })
}

/// Publishes that what was said before could not be read.
pub(crate) fn unreadable(live: &Live, error: &kaiwa_store::Error) -> Ending {
    tracing::error!(error = error as &dyn std::error::Error, "the conversation could not be read");
    let problem = Problem::new(Code::Unavailable, "The conversation could not be read. Try again.");
    live.publish(&StreamEvent::Error(StreamError { problem }));
    Ending::of(if live.has_begun() { Status::Interrupted } else { Status::Failed })
}

/// A provider's failure as the client reads it.
pub(crate) fn to_problem(error: &Error) -> Problem {
    let code = match error.kind {
        ErrorKind::Auth => Code::ProviderAuth,
        ErrorKind::RateLimit => Code::ProviderRateLimit,
        ErrorKind::Quota => Code::ProviderQuota,
        ErrorKind::ContextLength => Code::ContextLength,
        ErrorKind::ContentFilter => Code::ContentFilter,
        ErrorKind::ModelNotFound => Code::ModelNotFound,
        ErrorKind::InvalidRequest => Code::ProviderRejected,
        ErrorKind::Unavailable => Code::ProviderUnavailable,
        ErrorKind::Timeout => Code::ProviderTimeout,
        ErrorKind::Network => Code::ProviderUnreachable,
        ErrorKind::Protocol => Code::ProviderProtocol,
        ErrorKind::CutOff => Code::ProviderCutOff,
    };
    let mut problem = Problem::new(code, error.detail.clone());
    problem.retry_after = error.retry_after.map(|wait| wait.as_secs().max(1));
    problem
}
