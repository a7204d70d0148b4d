//! Turns the error responses of hosts into one typed error.

use std::time::{Duration, SystemTime};

use kaiwa_egress::{
    StatusCode,
    header::{DATE, HeaderMap, LOCATION, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::redact;
use crate::{Error, ErrorKind};

/// Maximum characters of a detail.
const DETAIL_MAX_CHARS: usize = 500;

/// Words in a provider's `code` or `type`, in lower case, that are more precise than the status. The first matching
/// row decides.
const CODES: [(ErrorKind, &[&str]); 6] = [
    (ErrorKind::Quota, &["insufficient_quota", "insufficient_balance", "billing", "arrearage", "credit"]),
    (ErrorKind::ContextLength, &["context_length", "context_window", "string_above_max_length"]),
    (
        ErrorKind::ContentFilter,
        &[
            "content_filter",
            "content_policy",
            "responsibleai",
            "data_inspection",
            "datainspection",
            "moderation",
        ],
    ),
    (ErrorKind::ModelNotFound, &["model_not_found", "model_not_exist", "deploymentnotfound"]),
    (ErrorKind::Auth, &["invalid_api_key", "authentication", "unauth"]),
    (ErrorKind::RateLimit, &["rate_limit", "ratelimit", "too_many_requests", "resource_exhausted"]),
];

/// The same for the message, because some hosts send no code or a wrong one.
const PHRASES: [(ErrorKind, &[&str]); 6] = [
    (
        ErrorKind::ContextLength,
        &[
            "context length",
            "context window",
            "context size",
            "maximum context",
            "prompt is too long",
            "input is too long",
            "exceeds max length",
            "reduce the length",
            "上下文长度",
        ],
    ),
    (
        ErrorKind::Auth,
        &[
            "api key not valid",
            "api key is invalid",
            "incorrect api key",
            "invalid api key",
            "invalid api-key",
            "invalid token",
            "login fail",
            "unauthorized",
            "无效的令牌",
        ],
    ),
    (
        ErrorKind::Quota,
        &[
            "insufficient balance",
            "insufficient credits",
            "insufficient quota",
            "exceeded your current quota",
            "余额不足",
            "额度不足",
        ],
    ),
    (ErrorKind::RateLimit, &["rate limit", "too many requests", "请求过于频繁", "触发限流"]),
    (
        ErrorKind::ModelNotFound,
        &["model does not exist", "model not exist", "no such model", "unknown model", "模型不存在"],
    ),
    (ErrorKind::ContentFilter, &["content policy", "sensitive content", "敏感内容"]),
];

/// `MiniMax`'s status codes.
const BASE_CODES: [(ErrorKind, &[u64]); 7] = [
    (ErrorKind::Timeout, &[1001]),
    (ErrorKind::RateLimit, &[1002, 1041, 2045]),
    (ErrorKind::Auth, &[1004, 2049]),
    (ErrorKind::Quota, &[1008, 2056]),
    (ErrorKind::ContentFilter, &[1026, 1027, 1042]),
    (ErrorKind::ContextLength, &[1039]),
    (ErrorKind::InvalidRequest, &[2013]),
];

/// Prefixes of API keys.
const KEY_PREFIXES: [&str; 6] = ["sk-", "sk_", "gsk_", "xai-", "pplx-", "AIza"];

/// The error of a response with an HTTP error status.
pub(crate) fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let mut error = if status.is_redirection() {
        Error::new(ErrorKind::Protocol, redirection(headers))
    } else if let Some(error) =
        serde_json::from_str(text).ok().and_then(|payload| reported(&payload, Some(status.as_u16())))
    {
        error
    } else {
        Error::new(kind_of(status.as_u16(), "", text), unstructured(status, text))
    };
    error.status = Some(status.as_u16());
    error.retry_after = retry_after(headers).or(error.retry_after);
    error
}

/// The error for a web page in place of the reply.
pub(crate) fn page(body: &[u8]) -> Error {
    Error::new(ErrorKind::Protocol, page_title(&String::from_utf8_lossy(body)))
}

/// The error of a provider that does not explain it.
pub(crate) fn unexplained() -> Error {
    Error::new(ErrorKind::Unavailable, "the provider failed without an explanation")
}

/// The error of an event that is called `error`.
pub(crate) fn of_event(data: &str) -> Error {
    let data = data.trim();
    let payload = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
    reported(&payload, None).unwrap_or_else(unexplained)
}

/// The error that a body or event declares outside the fields of its protocol: `base_resp` with a code, or
/// `success: false`.
pub(crate) fn declared(data: &str) -> Option<Error> {
    if !data.contains("\"base_resp\"") && !data.contains("\"success\"") {
        return None;
    }
    let payload: Value = serde_json::from_str(data).ok()?;
    let failed = payload.get("success").and_then(Value::as_bool) == Some(false);
    let is_meant = failed || payload.get("base_resp").is_some_and(|base| base_code(base) != 0);
    is_meant.then(|| reported(&payload, None).unwrap_or_else(unexplained))
}

fn base_code(base: &Value) -> u64 {
    base.get("status_code").and_then(Value::as_u64).unwrap_or_default()
}

/// Whether the value of an `error` field reports an error.
pub(crate) fn is_meant(error: &Value) -> bool {
    match error {
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Array(errors) => !errors.is_empty(),
        Value::Bool(failed) => *failed,
        _ => false,
    }
}

/// The error that a JSON body or event reports in any known shape; `None` if it reports none.
pub(crate) fn reported(payload: &Value, status: Option<u16>) -> Option<Error> {
    let base = payload.get("base_resp").filter(|base| base_code(base) != 0);
    let complaint = Complaint::find(base.unwrap_or(payload))?;
    // OpenRouter and Gemini put the status into the body of a stream that started with 200.
    let status = status.or(complaint.number.filter(|number| (400..600).contains(number)));
    let words = complaint.words.to_lowercase();
    // Codes such as 40301 begin with the status.
    let family = complaint.number.map(|number| number / 100).filter(|number| (400..600).contains(number));
    let assumed = status.or(family).unwrap_or_else(|| status_of(&words, &complaint.message.to_lowercase()));
    let code = base.map(base_code).unwrap_or_default();
    let by_code = BASE_CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(kind, _)| *kind);
    let kind = by_code.unwrap_or_else(|| kind_of(assumed, &words, &complaint.message));
    let mut error = Error::new(kind, one_line(&complaint.message));
    error.status = status;
    error.retry_after = retry_delay(payload);
    Some(error)
}

/// Fields with an error's message.
const MESSAGES: [&str; 10] = [
    "message",
    "msg",
    "error_msg",
    "error_message",
    "errorMessage",
    "errmsg",
    "status_msg",
    "error_description",
    "Message",
    "Msg",
];

/// Fields with an error's code or kind.
const CODE_FIELDS: [&str; 9] =
    ["code", "type", "status", "statusText", "status_code", "statusCode", "error_code", "errorCode", "Code"];

/// A host's error message and codes.
#[derive(Debug, Default)]
struct Complaint {
    message: String,
    /// Its `code` and `type`, unchanged.
    words: String,
    /// A numeric `code`.
    number: Option<u16>,
}

impl Complaint {
    fn find(payload: &Value) -> Option<Self> {
        match payload {
            Value::Array(items) => items.iter().find_map(Self::find),
            Value::String(message) if !message.is_empty() => {
                Some(Self { message: message.clone(), ..Self::default() })
            }
            Value::Object(_) => Self::in_object(payload),
            _ => None,
        }
    }

    fn in_object(payload: &Value) -> Option<Self> {
        let nested = ["error", "errors", "detail", "Error", "ErrorMsg", "Response"]
            .iter()
            .filter_map(|field| payload.get(field))
            .filter(|value| is_meant(value))
            .find_map(Self::find);
        let message = MESSAGES
            .iter()
            .filter_map(|field| payload.get(field)?.as_str())
            .find(|message| !message.is_empty());
        let mut complaint = match (nested, message) {
            (Some(nested), _) => nested,
            (None, Some(message)) => Self { message: message.to_owned(), ..Self::default() },
            (None, None) => return None,
        };
        complaint.add_words(payload);
        // OpenRouter includes the message of the provider behind it.
        if let Some(raw) = payload.pointer("/metadata/raw").and_then(Value::as_str) {
            complaint.message = format!("{}: {raw}", complaint.message);
        }
        Some(complaint)
    }

    fn add_words(&mut self, payload: &Value) {
        for field in CODE_FIELDS {
            match payload.get(field) {
                Some(Value::String(word)) => {
                    self.words.push(' ');
                    self.words.push_str(word);
                    self.number = self.number.or(word.parse().ok());
                }
                Some(Value::Number(number)) => {
                    self.number =
                        self.number.or(number.as_u64().and_then(|number| u16::try_from(number).ok()));
                }
                _ => {}
            }
        }
        if payload.pointer("/metadata/reasons").is_some() {
            self.words.push_str(" moderation");
        }
    }
}

/// The HTTP status that matches an error within a stream, by its words and its message.
fn status_of(words: &str, message: &str) -> u16 {
    let statuses = [
        (400, ["invalid_request", "invalid_argument", "bad_request"]),
        (403, ["permission_error", "permission_denied", "forbidden"]),
        (404, ["not_found_error", "not_found", "notfound"]),
        (413, ["request_too_large", "payload_too_large", "too_large"]),
    ];
    let refusals =
        ["invalid parameter", "invalid param", "invalid request", "bad request", "not support", "参数错误"];
    let by_words = statuses.iter().find(|(_, signs)| signs.iter().any(|sign| words.contains(sign)));
    match by_words {
        Some((status, _)) => *status,
        None if refusals.iter().any(|sign| message.contains(sign)) => 400,
        None => 500,
    }
}

fn kind_of(status: u16, words: &str, message: &str) -> ErrorKind {
    let message = message.to_lowercase();
    let matching = |table: &[(ErrorKind, &[&str])], text: &str| {
        table.iter().find(|(_, signs)| signs.iter().any(|sign| text.contains(sign))).map(|(kind, _)| *kind)
    };
    // Groq reports too large a request as a rate limit, although waiting does not help.
    if status == 413 {
        return ErrorKind::ContextLength;
    }
    if let Some(kind) = matching(&CODES, words).or_else(|| matching(&PHRASES, &message)) {
        return kind;
    }
    match status {
        401 | 403 => ErrorKind::Auth,
        402 => ErrorKind::Quota,
        // A wrong address also returns 404, but does not mention a model.
        404 if message.contains("model") || words.contains("model") => ErrorKind::ModelNotFound,
        408 => ErrorKind::Timeout,
        429 => ErrorKind::RateLimit,
        400 if message.contains("model")
            && (message.contains("not found") || message.contains("does not exist")) =>
        {
            ErrorKind::ModelNotFound
        }
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::InvalidRequest,
    }
}

fn redirection(headers: &HeaderMap) -> String {
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("another address");
    let target = target.split(['?', '#']).next().unwrap_or(target);
    one_line(&format!("the provider redirects to {target}; give that address instead"))
}

fn unstructured(status: StatusCode, text: &str) -> String {
    if text.starts_with('<') {
        page_title(text)
    } else if text.is_empty() {
        let reason = status.canonical_reason().unwrap_or("no explanation");
        format!("HTTP {}: {reason}", status.as_u16())
    } else {
        one_line(text)
    }
}

fn page_title(page: &str) -> String {
    let title = page
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map_or("without a title", |(title, _)| title.trim());
    one_line(&format!("the answer is a web page: {title}"))
}

/// The text as one line.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).collect()
}

/// How long the provider asks to wait.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|value| value.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        return seconds(value).or_else(|| until(value, text(DATE.as_str())?));
    }
    ["requests", "tokens"]
        .iter()
        .filter(|what| text(&format!("x-ratelimit-remaining-{what}")) == Some("0"))
        .filter_map(|what| spelled_duration(text(&format!("x-ratelimit-reset-{what}"))?))
        .max()
}

/// The wait that Google's errors ask for in their body.
fn retry_delay(payload: &Value) -> Option<Duration> {
    let payload = payload.get(0).unwrap_or(payload);
    let details = payload.pointer("/error/details")?.as_array()?;
    details.iter().find_map(|detail| spelled_duration(detail.get("retryDelay")?.as_str()?))
}

fn seconds(value: &str) -> Option<Duration> {
    value.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// The time until a date by the provider's own clock, so that wrong clocks do no harm.
fn until(date: &str, now: &str) -> Option<Duration> {
    let parse = |text: &str| -> Option<SystemTime> { httpdate::parse_http_date(text).ok() };
    Some(parse(date)?.duration_since(parse(now)?).unwrap_or_default())
}

/// A duration such as `6m0s`, `1.5s` or `20ms`.
fn spelled_duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()?)?;
        rest = tail;
    }
    Some(total)
}

/// Makes a provider's message presentable: removes our key and anything that looks like a key, and shortens it.
///
/// In this order, because otherwise part of a key could remain at the cut.
pub(crate) fn presentable(mut error: Error, key: Option<&SecretString>) -> Error {
    // Enough for the message, whatever is removed from it.
    error.detail = error.detail.chars().take(8 * DETAIL_MAX_CHARS).collect();
    if let Some(key) = key.map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty()) {
        error.detail = redact::without_key(&error.detail, key);
    }
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '.'));
    let mut clean = String::with_capacity(error.detail.len());
    for word in error.detail.split_inclusive(is_end) {
        let body = word.trim_end_matches(is_end);
        let is_key = body.len() >= 8 && KEY_PREFIXES.iter().any(|prefix| body.starts_with(prefix));
        if is_key {
            clean.push_str("[key]");
            clean.push_str(word.get(body.len()..).unwrap_or_default());
        } else {
            clean.push_str(word);
        }
    }
    error.detail = clean.chars().take(DETAIL_MAX_CHARS).collect();
    error
}

#[cfg(test)]
mod tests;
