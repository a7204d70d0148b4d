//! Reads a JSON body, with limits on its size and on the time it takes to arrive.
//!
//! actix-web limits only the size.

use std::{ops::Deref, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header,
    web::{self, Bytes, BytesMut},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use kaiwa_shared::Code;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::ApiError;

/// The maximum size of a JSON body, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// A body of this size, in bytes, is parsed on a thread of its own: parsing a megabyte would hold up the streams.
const LARGE: usize = 64 * 1024;

/// How long a body may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A JSON body, read and parsed into `T`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Serialize + Send + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(request);
        let payload = payload.take();
        Box::pin(async move {
            checked?;
            let bytes = tokio::time::timeout(TIMEOUT, read(payload)).await.map_err(|_elapsed| {
                let seconds = TIMEOUT.as_secs();
                ApiError::new(
                    Code::RequestTimeout,
                    format!("The body did not arrive within {seconds} seconds."),
                )
            })??;
            let parsed = if bytes.len() < LARGE {
                parse(&bytes)
            } else {
                web::block(move || parse(&bytes)).await.map_err(ApiError::internal)?
            };
            parsed.map(Self)
        })
    }
}

fn check_headers(request: &HttpRequest) -> Result<(), ApiError> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            "Send the body as JSON, with `Content-Type: application/json`.",
        ));
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::new(Code::UnsupportedMediaType, "Send the body uncompressed."));
    }
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MAX_BYTES) {
        return Err(too_large());
    }
    Ok(())
}

async fn read(mut payload: Payload) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            ApiError::new(Code::BadRequest, format!("The body could not be read completely: {error}."))
        })?;
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn parse<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, ApiError> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => malformed(&error.to_string()),
        _ => ApiError::new(Code::BadRequest, format!("The body is not valid JSON: {error}.")),
    })?;
    // Only a body with a list can have one in the wrong place.
    if bytes.contains(&b'[') {
        let given: Value = serde_json::from_slice(bytes).map_err(|error| malformed(&error.to_string()))?;
        let meant = serde_json::to_value(&value).map_err(ApiError::internal)?;
        let mut lists = Vec::new();
        find_lists(&given, &meant, "", &mut lists);
        if let Some(place) = lists.into_iter().find(|place| is_for_object::<T>(&given, &meant, place)) {
            let field = place.trim_start_matches('/').replace('/', ".");
            let subject = if field.is_empty() { "The body".to_owned() } else { format!("`{field}`") };
            let detail = format!("{subject} must be an object, not a list.");
            return Err(ApiError::invalid(&field, "malformed", detail));
        }
    }
    Ok(value)
}

/// Finds the places, as JSON pointers, of lists that the parsed value does not have as lists. serde reads a list as the
/// values of an object in their order.
fn find_lists(given: &Value, meant: &Value, place: &str, found: &mut Vec<String>) {
    match (given, meant) {
        (Value::Array(items), meant) => {
            if !meant.is_array() {
                found.push(place.to_owned());
            }
            for (at, item) in items.iter().enumerate() {
                let meant = meant.get(at).unwrap_or(&Value::Null);
                find_lists(item, meant, &format!("{place}/{at}"), found);
            }
        }
        (Value::Object(given), meant) => {
            for (name, given) in given {
                // Names of ours need no escapes.
                let meant = meant.get(name).unwrap_or(&Value::Null);
                find_lists(given, meant, &format!("{place}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Whether the list at this place stands for an object: the parsed value has one there or leaves out an empty one, or it
/// is in a list, because no list of ours contains lists.
fn is_for_object<T: DeserializeOwned>(given: &Value, meant: &Value, place: &str) -> bool {
    let parent = place.rsplit_once('/').and_then(|(parent, _)| given.pointer(parent));
    if meant.pointer(place).is_some_and(Value::is_object) || parent.is_some_and(Value::is_array) {
        return true;
    }
    let mut with_object = given.clone();
    if let Some(list) = with_object.pointer_mut(place) {
        *list = Value::Object(serde_json::Map::new());
    }
    serde_json::from_value::<T>(with_object).is_ok()
}

/// The problem of a body that has another form, without anything that the client has written.
fn malformed(message: &str) -> ApiError {
    let field = named_field(message).unwrap_or_default();
    let detail = format!("The body does not have the expected form: {}.", without_input(message));
    ApiError::invalid(field, "malformed", detail)
}

/// The field of ours in one of serde's messages, such as "missing field `content`".
fn named_field(message: &str) -> Option<&str> {
    let rest =
        ["missing field `", "duplicate field `"].iter().find_map(|start| message.strip_prefix(start))?;
    rest.split_once('`').map(|(name, _)| name)
}

/// One of serde's messages without the keys and values that it repeats.
pub(super) fn without_input(message: &str) -> String {
    if named_field(message).is_some() {
        return message.to_owned();
    }
    let subject = ["unknown field", "unknown variant", "invalid type", "invalid value", "invalid length"]
        .into_iter()
        .find(|subject| message.starts_with(subject));
    // serde appends the expected type, which is our own text, after the input.
    match (subject, message.rsplit_once(", expected ")) {
        (Some(subject), Some((_, expected))) => format!("{subject}, expected {expected}"),
        (Some(subject), None) => subject.to_owned(),
        (None, _) => match message.rsplit_once(" at line ") {
            Some((_, position)) => format!("invalid value at line {position}"),
            None => "invalid value".to_owned(),
        },
    }
}

fn too_large() -> ApiError {
    ApiError::new(Code::TooLarge, format!("A body can have at most {} MiB.", MAX_BYTES / 1024 / 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_repeat_no_input() {
        for (message, expected) in [
            ("missing field `content` at line 1 column 2", "missing field `content` at line 1 column 2"),
            (
                "unknown field `secret`, expected `a` or `b` at line 1",
                "unknown field, expected `a` or `b` at line 1",
            ),
            ("unknown field `x, expected y`, expected `a`", "unknown field, expected `a`"),
            ("unknown field `secret`, there are no fields", "unknown field"),
            (
                "invalid type: string \"secret\", expected u64 at line 1 column 9",
                "invalid type, expected u64 at line 1 column 9",
            ),
            ("unknown variant `secret`, expected `admin`", "unknown variant, expected `admin`"),
            ("UUID parsing failed: found `secret` at line 2 column 3", "invalid value at line 2 column 3"),
            ("secret", "invalid value"),
        ] {
            assert_eq!(without_input(message), expected);
        }
    }
}
