//! What account routes take, as types that only acceptable input becomes.

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

/// The account and the password of a registration. Everything that is wrong is named at once.
pub(crate) fn new_account(credentials: Credentials) -> Result<(Identity, SecretString), ApiError> {
    let password = SecretString::from(credentials.password);
    let mut errors = Vec::new();
    let mut keep = |result: Result<(), FieldError>| errors.extend(result.err());
    let identity = identity(credentials.username, credentials.email, credentials.login);
    let context: Vec<String> = identity
        .iter()
        .flat_map(|identity| {
            let email = identity.email.as_ref().map(|email| email.as_str().to_owned());
            std::iter::once(identity.username.as_str().to_owned()).chain(email)
        })
        .collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    keep(policy::check("password", &password, &context));
    match identity {
        Ok(identity) if errors.is_empty() => Ok((identity, password)),
        Ok(_) => Err(ApiError::invalid_fields(errors)),
        Err(error) => Err(ApiError::invalid_fields(std::iter::once(error).chain(errors).collect())),
    }
}

/// `login` may be either; an address has an `@`, which no name has.
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

/// The account that a sign-in names.
pub(crate) fn login_name(credentials: &Credentials) -> Result<String, ApiError> {
    let named = [&credentials.login, &credentials.username, &credentials.email].into_iter().flatten().next();
    match named.map(|name| name.trim()) {
        // A NUL is in no name, and PostgreSQL would refuse the question.
        Some(name) if !name.is_empty() && !name.contains('\0') => Ok(name.to_owned()),
        _ => Err(ApiError::invalid(
            "login",
            "required",
            "Say who you are: `login` is your name or e-mail address.",
        )),
    }
}

/// Counts an attempt that a guesser could make, and refuses it when there were too many.
pub(crate) fn count_attempt(state: &AppState, peer: &Peer, account: Option<&str>) -> Result<(), ApiError> {
    state
        .throttle
        .attempt(peer.limit_key(), account)
        .map_err(|wait| ApiError::too_many(wait, "Too many attempts. Wait a moment and try again."))
}

/// Why a password could not be hashed or compared.
pub(crate) fn hasher_error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::Busy => {
            ApiError::unavailable("Many people are signing in at this moment. Try again shortly.")
        }
        failed @ PasswordError::Failed(_) => ApiError::internal(failed),
    }
}
