//! Problem details for errors, as in RFC 9457 (`application/problem+json`).
//!
//! The stable part is [`Code`]: the client translates it, programs match on it, and the server maps it to an HTTP
//! status. `detail` is an English sentence for people who read logs and API responses.

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

macro_rules! codes {
    // `$text` is a `tt`: as a `literal` it would reach the attribute wrapped, and the API document would not see it.
    ($($(#[$doc:meta])* $variant:ident => $text:tt, $title:literal;)+) => {
        /// Every kind of problem that Kaiwa reports. A code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
            /// A code from a newer server that this version does not know.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl Code {
            /// Every code that this version of the server can send.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is written on the wire, in `snake_case`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown => "unknown",
                }
            }

            /// A short English summary, the same for every problem of this code.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                    Self::Unknown => "Unknown problem",
                }
            }
        }
    };
}

codes! {
    /// The request could not be read: malformed JSON, a wrong content type, an unreadable path.
    BadRequest => "bad_request", "The request could not be read";
    /// The request has invalid fields; `errors` names them.
    Invalid => "invalid", "A field is invalid";
    /// There is no valid session.
    NotSignedIn => "not_signed_in", "Sign in first";
    /// The login or the password is wrong. The problem never says which.
    WrongCredentials => "wrong_credentials", "The login or the password is wrong";
    /// The session is valid but lacks the permission.
    Forbidden => "forbidden", "This is not allowed";
    /// A write that was authenticated by a cookie and did not come from Kaiwa's own pages.
    CrossSite => "cross_site", "The request came from another site";
    /// It does not exist or belongs to somebody else.
    NotFound => "not_found", "Not found";
    /// The path exists but does not support the method.
    MethodNotAllowed => "method_not_allowed", "This method is not supported here";
    /// The name or address belongs to another account.
    AlreadyExists => "already_exists", "Already taken";
    /// The request conflicts with the current state.
    Conflict => "conflict", "The request conflicts with the current state";
    /// The account has the maximum number of saved prompts.
    TooManyPrompts => "too_many_prompts", "There are too many saved prompts";
    /// Registration is closed.
    RegistrationClosed => "registration_closed", "Registration is closed";
    /// The server does not know its address in the request; registration needs the set-up code.
    SetupCodeRequired => "setup_code_required", "A set-up code is required";
    /// The body is larger than the limit.
    TooLarge => "too_large", "The request is too large";
    /// The content type of the body is not supported.
    UnsupportedMediaType => "unsupported_media_type", "This content type is not accepted";
    /// No model could read a file of this type.
    UnsupportedFile => "unsupported_file", "Files of this type cannot be read";
    /// The picture is in the HEIC format.
    HeicPicture => "heic_picture", "Pictures in the HEIC format cannot be read";
    /// The picture has too many pixels.
    PictureTooLarge => "picture_too_large", "The picture has too many pixels";
    /// The file is damaged.
    DamagedFile => "damaged_file", "The file is damaged";
    /// The account's files would be larger than allowed.
    StorageQuota => "storage_quota", "The storage for your files is full";
    /// The server's disk is full.
    DiskFull => "disk_full", "The server's disk is full";
    /// The message names a file that does not exist.
    FileNotFound => "file_not_found", "A file of the message does not exist";
    /// The model cannot read a file of the message.
    ModelCannotRead => "model_cannot_read", "The model cannot read a file of the message";
    /// The requested range is not within the file.
    RangeNotSatisfiable => "range_not_satisfiable", "The range is not within the file";
    /// Too many requests; wait for `Retry-After`.
    TooManyRequests => "too_many_requests", "Too many requests";
    /// The limit of parallel replies is reached; stop one or wait.
    TooManyGenerations => "too_many_generations", "Too many parallel replies";
    /// The message cannot be continued: it is not a reply, or it is complete.
    NothingToContinue => "nothing_to_continue", "There is nothing to continue";
    /// The body did not arrive in time.
    RequestTimeout => "request_timeout", "The request took too long to arrive";
    /// The model is not available.
    ModelNotFound => "model_not_found", "There is no such model";
    /// The provider refused the configured key.
    ProviderAuth => "provider_auth", "The provider refused the key";
    /// The provider's rate limit is reached.
    ProviderRateLimit => "provider_rate_limit", "The provider is limiting requests";
    /// The account at the provider has no credit left.
    ProviderQuota => "provider_quota", "The provider's quota is used up";
    /// The conversation does not fit into the model's context window.
    ContextLength => "context_length", "The conversation is too long for this model";
    /// The provider's filter stopped the reply.
    ContentFilter => "content_filter", "The provider's content filter stopped the reply";
    /// The provider did not accept the request.
    ProviderRejected => "provider_rejected", "The provider did not accept the request";
    /// The provider failed or is overloaded.
    ProviderUnavailable => "provider_unavailable", "The provider is not available";
    /// The provider did not respond in time.
    ProviderTimeout => "provider_timeout", "The provider did not respond in time";
    /// The provider could not be reached.
    ProviderUnreachable => "provider_unreachable", "The provider could not be reached";
    /// The provider's response violates its protocol.
    ProviderProtocol => "provider_protocol", "The provider's response could not be understood";
    /// The provider closed the connection before the reply was complete.
    ProviderCutOff => "provider_cut_off", "The provider closed the connection too early";
    /// The model ended its reply without writing anything.
    EmptyReply => "empty_reply", "The model wrote nothing";
    /// The reply reached its maximum length before the answer began, because of its reasoning.
    OutputLimit => "output_limit", "The reply reached its maximum length before the answer";
    /// The model called a tool in a form that cannot be read.
    MalformedCall => "malformed_call", "The model's tool call could not be read";
    /// The reply consists of content that cannot be shown.
    UnknownContent => "unknown_content", "The reply cannot be shown";
    /// The server stopped while the reply was being written.
    Interrupted => "interrupted", "The reply was interrupted";
    /// A part of the service is down; wait for `Retry-After`.
    Unavailable => "unavailable", "The service is not available at the moment";
    /// A fault of the server. The cause is in its log, under the request id.
    Internal => "internal", "Something went wrong on the server";
}

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's path in the request body, as `a.b`.
    pub field: String,
    /// A stable code in `snake_case` such as `required`, `too_short`, `too_long`, `too_common`, `malformed`.
    pub code: String,
    /// What is wrong and what to do, in English.
    pub detail: String,
}

impl FieldError {
    /// An error for `field`. `detail` says what is wrong and what to do.
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
    }
}

/// A problem as it is sent: RFC 9457 with additional members such as `code`, `request_id` and `errors`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:kaiwa:problem:<code>`, an identifier and not a page.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's short summary.
    pub title: String,
    /// The HTTP status, or 0 in an event stream.
    pub status: u16,
    /// The stable code of the problem.
    pub code: Code,
    /// What happened and what to do, in English.
    pub detail: String,
    /// The id of the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The number of seconds after which a retry may succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The invalid fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of `code` with a sentence that explains this occurrence. The HTTP layer fills in `status` and
    /// `request_id`.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:kaiwa:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: 0,
            code,
            detail: detail.into(),
            request_id: None,
            retry_after: None,
            errors: Vec::new(),
        }
    }

    /// Adds the invalid fields.
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_serialized_as_its_text() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }

    #[test]
    fn an_unknown_code_can_be_read() {
        assert_eq!(serde_json::from_str::<Code>("\"brand_new\"").unwrap(), Code::Unknown);
    }
}
