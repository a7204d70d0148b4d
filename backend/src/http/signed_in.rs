//! Extractors that prove who sent a request.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use futures_util::future::LocalBoxFuture;
use kaiwa_shared::{Code, UserId, auth::Role};

use super::{ApiError, credentials, envelope::RenewedToken};
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
            let session = credentials::session(&request, state).await?;
            let (session, from_cookie) = session.ok_or_else(not_signed_in)?;
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

pub(crate) fn not_signed_in() -> ApiError {
    ApiError::new(Code::NotSignedIn, "There is no valid session. Sign in.")
}
