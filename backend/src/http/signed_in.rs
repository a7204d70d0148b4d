//! Extractors that prove who sent a request.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Data};
use futures_util::future::LocalBoxFuture;
use kaiwa_shared::{Code, UserId, auth::Role};

use super::{ApiError, cookie, envelope::RenewedToken};
use crate::{sessions::ValidSession, state::AppState};

/// A request with a valid session. A handler that takes it cannot run without one.
pub(crate) struct SignedIn(pub(crate) ValidSession);

impl SignedIn {
    /// The user who sent the request.
    pub(crate) fn user_id(&self) -> UserId {
        self.0.user.id
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request
                .app_data::<Data<AppState>>()
                .ok_or_else(|| ApiError::internal("the application has no state"))?;
            let bearer = bearer(&request)?;
            let from_cookie = bearer.is_none();
            let token = bearer.or_else(|| cookie::token(&request)).ok_or_else(not_signed_in)?;
            let session = state.sessions.check(&token).await?.ok_or_else(not_signed_in)?;
            if from_cookie && let Some(token) = session.renewed.clone() {
                request.extensions_mut().insert(RenewedToken(token));
            }
            Ok(Self(session))
        })
    }
}

/// A request from an administrator. A handler that takes it cannot run for anyone else.
pub(crate) struct Administrator;

impl FromRequest for Administrator {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        Box::pin(async move {
            match signed_in.await?.0.user.role {
                Role::Admin => Ok(Self),
                Role::User => Err(ApiError::new(Code::Forbidden, "Only an administrator may do this.")),
            }
        })
    }
}

/// The token in `Authorization`. An invalid header is an error; the cookie is not tried instead.
fn bearer(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_not_ascii| not_signed_in())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().to_owned())),
        _ => Err(not_signed_in()),
    }
}

fn not_signed_in() -> ApiError {
    ApiError::new(Code::NotSignedIn, "There is no valid session. Sign in.")
}
