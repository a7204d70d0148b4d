//! Parses and checks the input of the account endpoints.

use std::time::Duration;

use kaiwa_auth::{
    identity::{Email, Identity, Username},
    password::PasswordError,
    policy,
};
use kaiwa_shared::{auth::Credentials, problem::FieldError};
use secrecy::SecretString;

use crate::{
    http::{ApiError, peer::Peer},
    state::AppState,
};

/// Parses a registration. The error names every invalid field at once.
pub(crate) fn new_account(credentials: Credentials) -> Result<(Identity, SecretString), ApiError> {
    let password = SecretString::from(credentials.password);
    let identity = identity(credentials.username, credentials.email, credentials.login);
    let context: Vec<String> = identity
        .iter()
        .flat_map(|identity| {
            let email = identity.email.as_ref().map(|email| email.as_str().to_owned());
            std::iter::once(identity.username.as_str().to_owned()).chain(email)
        })
        .collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let errors: Vec<_> = policy::check("password", &password, &context).err().into_iter().collect();
    match identity {
        Ok(identity) if errors.is_empty() => Ok((identity, password)),
        Ok(_) => Err(ApiError::invalid_fields(errors)),
        Err(error) => Err(ApiError::invalid_fields(std::iter::once(error).chain(errors).collect())),
    }
}

/// `login` is a name or an e-mail address; only an address contains an `@`.
fn identity(
    username: Option<String>,
    email: Option<String>,
    login: Option<String>,
) -> Result<Identity, FieldError> {
    let (username, email) = match (username, email, login) {
        (None, None, Some(login)) if login.contains('@') => (None, Some(login)),
        (None, None, Some(login)) => (Some(login), None),
        (username, email, _) => (username, email),
    };
    let email = email.as_deref().map(Email::parse).transpose()?;
    let username = match (username, &email) {
        (Some(name), _) => Username::parse(&name)?,
        (None, Some(email)) => email.suggested_name(),
        (None, None) => return Err(FieldError::new("username", "required", "Choose a name.")),
    };
    Ok(Identity { username, email })
}

/// The maximum length of the name or e-mail address of a sign-in, in bytes. No account's is longer.
const LOGIN_MAX_BYTES: usize = 1024;

/// The name or e-mail address of a sign-in.
pub(crate) fn login_name(credentials: &Credentials) -> Result<String, ApiError> {
    let named = [&credentials.login, &credentials.username, &credentials.email].into_iter().flatten().next();
    match named.map(|name| name.trim()) {
        Some(name) if name.len() > LOGIN_MAX_BYTES => {
            let detail = format!("A name or e-mail address can have at most {LOGIN_MAX_BYTES} bytes.");
            Err(ApiError::invalid("login", "too_long", detail))
        }
        // PostgreSQL refuses a NUL in a query, and no name contains one.
        Some(name) if !name.is_empty() && !name.contains('\0') => Ok(name.to_owned()),
        _ => Err(ApiError::invalid("login", "required", "Enter your name or e-mail address as `login`.")),
    }
}

/// Counts a registration, and refuses it over the limit.
pub(crate) async fn count_registration(state: &AppState, peer: &Peer) -> Result<(), ApiError> {
    state.throttle.register(peer.limit_key()).await.map_err(too_many)
}

/// The response to an attempt over a limit.
pub(crate) fn too_many(wait: Duration) -> ApiError {
    ApiError::too_many(wait, "Too many attempts. Wait a moment and try again.")
}

/// The response to a password that could not be hashed or verified.
pub(crate) fn hasher_error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::Busy => {
            ApiError::unavailable("Too many people are signing in at the moment. Try again shortly.")
        }
        failed @ PasswordError::Failed(_) => ApiError::internal(failed),
    }
}
