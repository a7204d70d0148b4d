//! What went wrong, in the form of RFC 9457 (`application/problem+json`).
//!
//! The stable part is [`Code`]: the client translates it, programs match on it, the server gives each one its HTTP
//! status. `detail` is for people who read logs and API answers, in English.

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $text:literal, $title:literal;)+) => {
        /// Every kind of problem that Kaiwa reports. A code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
            /// A code that this version does not know, sent by a newer server.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl Code {
            /// Every code that a server of this version sends.
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
    /// The request was read and a field of it is not acceptable; `errors` names the fields.
    Invalid => "invalid", "A field is not acceptable";
    /// There is no valid session.
    NotSignedIn => "not_signed_in", "Sign in first";
    /// Login name or password is wrong. Never says which.
    WrongCredentials => "wrong_credentials", "The login or the password is wrong";
    /// The session is valid but may not do this.
    Forbidden => "forbidden", "This is not allowed";
    /// A cookie-authenticated write that did not come from our own pages.
    CrossSite => "cross_site", "The request came from another site";
    /// No such thing, or not yours.
    NotFound => "not_found", "There is nothing here";
    /// The path exists, the method does not.
    MethodNotAllowed => "method_not_allowed", "This method is not offered here";
    /// Somebody else has that name or address.
    AlreadyExists => "already_exists", "That is taken";
    /// The request contradicts the present state.
    Conflict => "conflict", "The request conflicts with the present state";
    /// Registration is closed.
    RegistrationClosed => "registration_closed", "Registration is closed";
    /// The body is larger than this route takes.
    TooLarge => "too_large", "The request is too large";
    /// The body is not of a type that this route takes.
    UnsupportedMediaType => "unsupported_media_type", "This content type is not accepted";
    /// Too many requests; wait as `Retry-After` says.
    TooManyRequests => "too_many_requests", "Too many requests";
    /// As many replies as are allowed are being written already; stop one or wait.
    TooManyGenerations => "too_many_generations", "Too many replies are being written";
    /// The message cannot be continued: it is no reply, or it is whole.
    NothingToContinue => "nothing_to_continue", "There is nothing to continue";
    /// The body did not arrive in time.
    RequestTimeout => "request_timeout", "The request took too long to arrive";
    /// The named model is not offered.
    ModelNotFound => "model_not_found", "There is no such model";
    /// The provider refused our key.
    ProviderAuth => "provider_auth", "The provider refused the key";
    /// The provider's rate limit or quota is used up.
    ProviderRateLimit => "provider_rate_limit", "The provider is limiting requests";
    /// The account at the provider has no credit left.
    ProviderQuota => "provider_quota", "The provider's quota is used up";
    /// The conversation no longer fits the model's window.
    ContextLength => "context_length", "The conversation is too long for this model";
    /// The provider's filter stopped the reply.
    ContentFilter => "content_filter", "The provider's content filter stopped the reply";
    /// The provider did not accept the request.
    ProviderRejected => "provider_rejected", "The provider did not accept the request";
    /// The provider failed or is overloaded.
    ProviderUnavailable => "provider_unavailable", "The provider is not available";
    /// The provider did not answer in time.
    ProviderTimeout => "provider_timeout", "The provider did not answer in time";
    /// The provider could not be reached.
    ProviderUnreachable => "provider_unreachable", "The provider could not be reached";
    /// The provider answered with something that is not the protocol.
    ProviderProtocol => "provider_protocol", "The provider's answer could not be understood";
    /// The provider closed the connection before the reply was complete.
    ProviderCutOff => "provider_cut_off", "The provider closed the connection too early";
    /// The server stopped while the reply was being written.
    Interrupted => "interrupted", "The reply was interrupted";
    /// A part of the service is down; wait as `Retry-After` says.
    Unavailable => "unavailable", "The service is not available at the moment";
    /// Our fault; the log has the cause under the request id.
    Internal => "internal", "Something went wrong on the server";
}

/// One field that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's path in the request body, as `a.b`.
    pub field: String,
    /// A stable `snake_case` word such as `required`, `too_short`, `too_long`, `too_common`, `malformed`.
    pub code: String,
    /// What is wrong and what to do, in English.
    pub detail: String,
}

impl FieldError {
    /// Names a field, what is wrong with it, and what to do.
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
    }
}

/// A problem as it is sent. Shape: RFC 9457 with `code`, `request_id` and `errors` added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:kaiwa:problem:<code>`; an identifier, not a page.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's short summary.
    pub title: String,
    /// The HTTP status, repeated; 0 inside an event stream, where there is none.
    pub status: u16,
    /// What to match on.
    pub code: Code,
    /// What happened this time and what to do, in English.
    pub detail: String,
    /// Find the log line by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Seconds after which a repeat may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The fields that are not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of `code` with a sentence about this occurrence. The HTTP layer fills in `status` and `request_id`.
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

    /// The same problem with the fields that are not acceptable.
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_it_says() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }

    #[test]
    fn a_code_from_a_newer_server_is_still_read() {
        assert_eq!(serde_json::from_str::<Code>("\"brand_new\"").unwrap(), Code::Unknown);
    }
}
