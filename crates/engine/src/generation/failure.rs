//! How a failure ends a reply and how it is reported to the reader.

use kaiwa_llm::{Error, ErrorKind, NoText};
use kaiwa_shared::{
    Code, Problem,
    message::{Finish, Status},
    stream::{StreamError, StreamEvent},
};

use super::live::Live;

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) status: Status,
    pub(crate) finish: Option<Finish>,
}

impl Ending {
    /// An end without a reason from the model.
    pub(crate) fn of(status: Status) -> Self {
        Self { status, finish: None }
    }
}

/// Why a reply ends before its provider ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The reader stopped it.
    Stopped,
    /// The server is going down.
    Shutdown,
    /// It reached the time limit.
    TimeUp,
    /// It reached the size limit.
    Full,
    /// It reached the limit on tool calls or on parts.
    TooManyParts,
}

/// Publishes why a reply was halted, unless its reader stopped it.
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
        Halt::TooManyParts => (
            "The reply has more tool calls, sources or other parts than this server allows.",
            Some(Finish::Length),
        ),
    };
    live.publish(&StreamEvent::Error(StreamError { problem: Problem::new(Code::Interrupted, detail) }));
    Ending { status: Status::Interrupted, finish }
}

/// Publishes a provider's error. A reply that had begun is interrupted; otherwise it failed.
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

/// Publishes why a reply that its model ended has no text.
pub(crate) fn no_text(live: &Live, why: &NoText, finish: Finish) -> Ending {
    let (code, detail) = match why {
        NoText::Limit => (
            Code::OutputLimit,
            "The reply reached its maximum length before the answer began. Ask for less reasoning or allow a longer reply.".to_owned(),
        ),
        NoText::MalformedCall => {
            (Code::MalformedCall, "The model called a tool in a form that cannot be read.".to_owned())
        }
        NoText::UnknownContent(kind) => {
            (Code::UnknownContent, format!("The reply consists of content that cannot be shown: {kind}."))
        }
        NoText::Unexplained(reason) if reason.is_empty() => {
            (Code::EmptyReply, "The model ended its reply without writing anything.".to_owned())
        }
        NoText::Unexplained(reason) => (
            Code::EmptyReply,
            format!("The model ended its reply without writing anything (finish reason: {reason})."),
        ),
    };
    tracing::info!(generation = %live.ids().generation, code = code.as_str(), "the reply has no text");
    live.publish(&StreamEvent::Error(StreamError { problem: Problem::new(code, detail) }));
    Ending { status: Status::Failed, finish: Some(finish) }
}

/// Publishes that the history could not be read.
pub(crate) fn unreadable(live: &Live, error: &kaiwa_store::Error) -> Ending {
    tracing::error!(error = error as &dyn std::error::Error, "the conversation could not be read");
    let problem = Problem::new(Code::Unavailable, "The conversation could not be read. Try again.");
    live.publish(&StreamEvent::Error(StreamError { problem }));
    Ending::of(if live.has_begun() { Status::Interrupted } else { Status::Failed })
}

/// A provider's error as a problem for the client.
pub fn to_problem(error: &Error) -> Problem {
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
