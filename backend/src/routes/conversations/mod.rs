//! A user's conversations.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod fork;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod messages;
pub(crate) mod send_queued;
pub(crate) mod show;
pub(crate) mod unqueue;
pub(crate) mod update;

use kaiwa_shared::{conversation::TITLE_MAX_CHARS, problem::FieldError};

use crate::http::ApiError;

/// Checks a title that a user gave, and takes the white space off its ends.
fn parse_title(title: &str) -> Result<String, ApiError> {
    let title = title.trim();
    let problem = |code: &str, detail: String| {
        Err(ApiError::invalid_fields(vec![FieldError::new("title", code, detail)]))
    };
    match title.chars().count() {
        0 => problem("required", "A title needs at least one character.".to_owned()),
        count if count > TITLE_MAX_CHARS => problem(
            "too_long",
            format!("A title may have at most {TITLE_MAX_CHARS} characters; this has {count}."),
        ),
        _ if title.chars().any(char::is_control) => {
            problem("malformed", "A title may not contain control characters or line breaks.".to_owned())
        }
        _ => Ok(title.to_owned()),
    }
}

/// Checks the size of a page.
fn parse_limit(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(50) {
        limit @ 1..=100 => Ok(limit),
        other => {
            Err(ApiError::invalid("limit", "out_of_range", format!("`limit` is 1 to 100, not {other}.")))
        }
    }
}
