//! Path and query parameters. Their errors are Kaiwa's problems instead of the framework's.

use std::{ops::Deref, str::FromStr};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use kaiwa_shared::Code;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

use super::{ApiError, body::without_input};

/// The query string, parsed into `T`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Self(query.into_inner())).map_err(|error| {
            ApiError::new(
                Code::Invalid,
                format!(
                    "The query parameters do not have the expected form: {}.",
                    without_input(&error.to_string())
                ),
            )
        }))
    }
}

/// The `{id}` in the path. An invalid id is a 404, like one that does not exist.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.match_info().get("id")).map(Self))
    }
}

/// The last parameter in the path, for a resource that belongs to the one that `{id}` names.
pub(crate) struct SubId<T>(pub(crate) T);

impl<T: FromStr> FromRequest for SubId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.match_info().iter().last().map(|(_, text)| text)).map(Self))
    }
}

fn parse<T: FromStr>(parameter: Option<&str>) -> Result<T, ApiError> {
    parameter.and_then(|text| text.parse().ok()).ok_or_else(ApiError::not_found)
}
