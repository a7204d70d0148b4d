//! Reads a JSON body, with limits on its size and on the time it takes to arrive.
//!
//! actix-web limits only the size.

use std::{ops::Deref, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use kaiwa_shared::Code;
use serde::de::DeserializeOwned;

use super::ApiError;

/// The maximum size of a JSON body, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

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

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
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
            parse(&bytes).map(Self)
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

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            let mut fields = ApiError::invalid(
                "",
                "malformed",
                format!("The body does not have the expected form: {error}."),
            );
            if let Some(name) = named_field(&error.to_string()) {
                fields = ApiError::invalid(
                    &name,
                    "malformed",
                    format!("The body does not have the expected form: {error}."),
                );
            }
            fields
        }
        _ => ApiError::new(Code::BadRequest, format!("The body is not valid JSON: {error}.")),
    })
}

/// The field in one of serde's messages, such as "missing field `content`".
fn named_field(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("field `")?;
    let (name, _) = rest.split_once('`')?;
    Some(name.to_owned())
}

fn too_large() -> ApiError {
    ApiError::new(Code::TooLarge, format!("A body can have at most {} MiB.", MAX_BYTES / 1024 / 1024))
}
