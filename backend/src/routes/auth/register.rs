//! `POST /api/auth/register`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_auth::identity::Identity;
use kaiwa_shared::{
    Code, Problem, UserId,
    auth::{Credentials, Session, User},
    settings::AppMode,
};
use kaiwa_store::accounts::{Admission, NewUser, Registration};
use secrecy::{ExposeSecret, SecretString};

use super::{input, with_session, wrong_credentials};
use crate::{
    http::{ApiError, Body, peer::Peer},
    state::AppState,
};

/// Creates an account and signs it in. The first account is the administrator's.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "auth",
    request_body = Credentials,
    security(()),
    responses(
        (status = 201, body = Session),
        (status = 403, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub(crate) async fn register(
    request: HttpRequest,
    state: Data<AppState>,
    Body(credentials): Body<Credentials>,
) -> Result<HttpResponse, ApiError> {
    let peer = Peer::of(&request, &state.settings.server);
    let (identity, password) = input::new_account(credentials)?;
    input::count_attempt(&state, &peer, None).await?;
    // Checked before the expensive hash, so that nobody can keep a closed server busy. The transaction checks again.
    if admission(&state) == Admission::FirstOnly && state.store.read().await?.users().any().await? {
        return Err(closed());
    }
    let (user, password_hash) = create(&state, identity, password, admission(&state)).await?;
    tracing::info!(user = %user.id, role = ?user.role, "an account was created");
    let session = state.sessions.open(user, &password_hash).await?.ok_or_else(wrong_credentials)?;
    Ok(with_session(HttpResponse::Created(), &request, &state, session))
}

/// Creates the administrator from `ADMIN_EMAIL` and `ADMIN_PASSWORD` if there is no account yet.
///
/// # Errors
///
/// A sentence that says what is wrong with the two variables.
pub(crate) async fn create_first_admin(state: &AppState) -> Result<(), String> {
    let Some((email, password)) = state.settings.accounts.admin.clone() else { return Ok(()) };
    let any = async { state.store.read().await?.users().any().await };
    if any.await.map_err(|error: kaiwa_store::Error| error.to_string())? {
        return Ok(());
    }
    let credentials = Credentials {
        email: Some(email),
        password: password.expose_secret().to_owned(),
        ..Credentials::default()
    };
    let (identity, password) = input::new_account(credentials).map_err(|error| error.detail().to_owned())?;
    match create(state, identity, password, Admission::FirstOnly).await {
        Ok((user, _)) => tracing::info!(user = %user.id, "the configured administrator was created"),
        // Another server on the same database was faster.
        Err(error) if error.code() == Code::RegistrationClosed => {}
        Err(error) => return Err(error.to_string()),
    }
    Ok(())
}

/// Stores a new account and returns it with the hash of its password.
async fn create(
    state: &AppState,
    identity: Identity,
    password: SecretString,
    admission: Admission,
) -> Result<(User, String), ApiError> {
    let password_hash = state.hasher.hash(password).await.map_err(input::hasher_error)?;
    let user = NewUser {
        id: UserId::new(),
        username: identity.username.as_str().to_owned(),
        email: identity.email.map(|email| email.as_str().to_owned()),
        password_hash: password_hash.clone(),
        created_at: state.clock.now(),
    };
    let mut tx = state.store.begin().await?;
    let registration = tx.users().register(user, admission).await?;
    tx.commit().await?;
    match registration {
        Registration::Created(user) => Ok((user, password_hash)),
        Registration::UsernameTaken => Err(taken("username", "name")),
        Registration::EmailTaken => Err(taken("email", "e-mail address")),
        Registration::Closed => Err(closed()),
    }
}

fn admission(state: &AppState) -> Admission {
    match state.settings.accounts.app_mode {
        AppMode::Single => Admission::FirstOnly,
        AppMode::Multi => Admission::Open,
    }
}

fn closed() -> ApiError {
    ApiError::new(Code::RegistrationClosed, "Registration is closed. Ask the administrator for an account.")
}

fn taken(field: &str, what: &str) -> ApiError {
    ApiError::field(Code::AlreadyExists, field, "taken", format!("This {what} is already taken."))
}
