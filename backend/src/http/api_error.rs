//! The response to every error: `application/problem+json`, with the status that belongs to its code.

use std::{error::Error as StdError, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use kaiwa_engine::{CannotRead, SendError, Unreadable};
use kaiwa_shared::{
    Code, Problem,
    problem::{CONTENT_TYPE, FieldError},
};

use crate::{logging::chain, sessions::SessionError};

/// An error response. Its cause is for the log and never reaches the client.
#[derive(Debug)]
pub(crate) struct ApiError {
    problem: Box<Problem>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl ApiError {
    /// A problem with a sentence that explains this occurrence.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut problem = Problem::new(code, detail);
        problem.status = status_of(code).as_u16();
        Self { problem: Box::new(problem), cause: None }
    }

    /// One invalid field.
    pub(crate) fn invalid(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(field, code, detail)])
    }

    /// A problem of `code` that concerns one field.
    pub(crate) fn field(code: Code, field: &str, field_code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut error = Self::new(code, detail.clone());
        error.problem.errors = vec![FieldError::new(field, field_code, detail)];
        error
    }

    /// The explanation that the client receives.
    pub(crate) fn detail(&self) -> &str {
        &self.problem.detail
    }

    /// The stable code of the problem.
    pub(crate) fn code(&self) -> Code {
        self.problem.code
    }

    /// Several invalid fields.
    pub(crate) fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ");
        let mut error = Self::new(Code::Invalid, detail);
        error.problem.errors = errors;
        error
    }

    /// It does not exist or belongs to somebody else. Both get the same response, so that nobody learns which.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "This does not exist, or it is not yours.")
    }

    /// Too many requests; the client may retry after `wait`.
    pub(crate) fn too_many(wait: Duration, detail: impl Into<String>) -> Self {
        Self::new(Code::TooManyRequests, detail).retry_after(wait)
    }

    /// A part of the service is temporarily down.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, detail).retry_after(Duration::from_secs(5))
    }

    /// A fault of the server. The cause goes to the log, not to the client.
    pub(crate) fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error =
            Self::new(Code::Internal, "Something went wrong on the server. The cause is in its log.");
        error.cause = Some(cause.into());
        error
    }

    /// The server's disk is full.
    pub(crate) fn disk_full(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Code::DiskFull, "The server's disk is full, so the file was not stored.");
        error.cause = Some(cause.into());
        error
    }

    /// Adds the id by which the request is found in the log.
    pub(crate) fn with_request_id(mut self, id: &str) -> Self {
        self.problem.request_id = Some(id.to_owned());
        self
    }

    fn retry_after(mut self, wait: Duration) -> Self {
        self.problem.retry_after = Some(wait.as_secs().max(1));
        self
    }
}

/// The HTTP status of each code. There is no other such table.
pub(crate) const fn status_of(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Invalid
        | Code::ModelNotFound
        | Code::PictureTooLarge
        | Code::DamagedFile
        | Code::FileNotFound
        | Code::ModelCannotRead => StatusCode::UNPROCESSABLE_ENTITY,
        Code::NotSignedIn | Code::WrongCredentials => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::CrossSite | Code::RegistrationClosed | Code::SetupCodeRequired => {
            StatusCode::FORBIDDEN
        }
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::AlreadyExists | Code::Conflict | Code::TooManyPrompts | Code::NothingToContinue => {
            StatusCode::CONFLICT
        }
        Code::TooLarge | Code::StorageQuota => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType | Code::UnsupportedFile | Code::HeicPicture => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        Code::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::TooManyRequests | Code::TooManyGenerations => StatusCode::TOO_MANY_REQUESTS,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        // A provider's failure usually reaches the client inside a stream. As a response it is a bad gateway.
        Code::ProviderAuth
        | Code::ProviderRateLimit
        | Code::ProviderQuota
        | Code::ContextLength
        | Code::ContentFilter
        | Code::ProviderRejected
        | Code::ProviderUnavailable
        | Code::ProviderTimeout
        | Code::ProviderUnreachable
        | Code::ProviderProtocol
        | Code::ProviderCutOff
        | Code::EmptyReply
        | Code::OutputLimit
        | Code::MalformedCall
        | Code::UnknownContent
        | Code::Interrupted => StatusCode::BAD_GATEWAY,
        Code::Internal | Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}: {}", self.problem.code.as_str(), chain(&**cause)),
            None => f.write_str(self.problem.code.as_str()),
        }
    }
}

impl StdError for ApiError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status_of(self.problem.code)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.problem.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = response.insert_header((header::CONTENT_TYPE, CONTENT_TYPE)).body(body);
        // The envelope rewrites the body with the request id.
        response.extensions_mut().insert(self.problem.as_ref().clone());
        response
    }
}

impl From<kaiwa_store::Error> for ApiError {
    fn from(error: kaiwa_store::Error) -> Self {
        match error {
            kaiwa_store::Error::Unavailable(_) => {
                let mut api = Self::unavailable(
                    "The database does not respond, or its disk is full. Try again shortly.",
                );
                api.cause = Some(Box::new(error));
                api
            }
            other => Self::internal(other),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            failed @ SessionError::Token(_) => Self::internal(failed),
        }
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::ModelNotFound(model) => Self::new(
                Code::ModelNotFound,
                format!("There is no model `{model}`. GET /api/models lists the available ones."),
            ),
            SendError::ConversationNotFound | SendError::MessageNotFound => Self::not_found(),
            SendError::NothingToContinue => Self::new(
                Code::NothingToContinue,
                "Only a reply that was stopped or cut off can be continued.",
            ),
            SendError::IdReused => {
                Self::new(Code::Conflict, "This client_message_id belongs to another message. Use a new one.")
            }
            SendError::QueueFull => Self::new(
                Code::Conflict,
                "The queue for this conversation is full. Wait, or delete a queued message.",
            ),
            SendError::FileNotFound => Self::new(
                Code::FileNotFound,
                "A file of this message does not exist, or it is not yours. Upload it and send the message again.",
            ),
            SendError::CannotRead(CannotRead { model, files }) => {
                let files = match files {
                    Unreadable::Pictures => "pictures",
                    Unreadable::Pdf => "PDF documents",
                };
                let detail =
                    format!("{model} cannot read {files}. Choose another model, or remove the files.");
                Self::new(Code::ModelCannotRead, detail)
            }
            SendError::Busy(generation) => Self::new(
                Code::Conflict,
                format!("Generation {generation} is still writing on this branch. Wait for it or stop it."),
            ),
            SendError::OverLimit { retry_after } => Self::new(
                Code::TooManyGenerations,
                "The limit of parallel replies is reached. Wait for one to finish, or stop one.",
            )
            .retry_after(retry_after),
            SendError::ShuttingDown => Self::unavailable("The server is restarting. Try again shortly."),
            SendError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_problems_of_nginx_are_the_servers() {
        let configuration = include_str!("../../../docker/nginx/kaiwa.conf.template");
        let returns = configuration.lines().filter_map(|line| line.trim().strip_prefix("return "));
        let problems: Vec<(&str, Problem)> = returns
            .filter_map(|response| response.strip_suffix("';")?.split_once(" '"))
            .map(|(status, body)| (status, serde_json::from_str(body).unwrap()))
            .collect();
        assert!(problems.len() >= 4, "{problems:?}");
        for (status, problem) in problems {
            let expected = ApiError::new(problem.code, problem.detail.clone());
            assert_eq!(problem, *expected.problem);
            assert_eq!(status, problem.status.to_string());
        }
    }
}
