//! `POST /api/auth/password`

use actix_web::{HttpResponse, web::Data};
use kaiwa_auth::{device::Caller, policy};
use kaiwa_shared::{
    Problem,
    auth::{ChangePassword, rules::PASSWORD_MAX_BYTES},
};
use secrecy::SecretString;

use super::input;
use crate::{
    http::{ApiError, Body, SignedIn},
    state::AppState,
};

/// Changes the password and ends every other session of the account.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    tag = "auth",
    request_body = ChangePassword,
    responses((status = 204), (status = 422, body = Problem), (status = 429, body = Problem))
)]
pub(crate) async fn change_password(
    state: Data<AppState>,
    user: SignedIn,
    Body(body): Body<ChangePassword>,
) -> Result<HttpResponse, ApiError> {
    let account = &user.0.user;
    state.throttle.change_password(&account.id.to_string()).await.map_err(input::too_many)?;
    if body.current_password.len() > PASSWORD_MAX_BYTES {
        return Err(wrong_current());
    }
    let new_password = SecretString::from(body.new_password);
    let context = [account.username.as_str(), account.email.as_deref().unwrap_or_default()];
    policy::check("new_password", &new_password, &context)
        .map_err(|error| ApiError::invalid_fields(vec![error]))?;
    let secret = state.store.read().await?.users().find_secret(account.id).await?;
    let secret = secret.ok_or_else(ApiError::not_found)?;
    let current = SecretString::from(body.current_password);
    let old = secret.password_hash;
    if !state.hasher.verify(current, old.clone(), Caller::Known).await.map_err(input::hasher_error)? {
        return Err(wrong_current());
    }
    let new = state.hasher.hash(new_password, Caller::Known).await.map_err(input::hasher_error)?;
    if !state.sessions.change_password(account.id, &old, &new, user.0.id).await? {
        return Err(wrong_current());
    }
    tracing::info!(user = %account.id, "a password was changed");
    Ok(HttpResponse::NoContent().finish())
}

fn wrong_current() -> ApiError {
    ApiError::invalid("current_password", "wrong", "This is not your current password.")
}
