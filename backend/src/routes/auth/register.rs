//! `POST /api/auth/register`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_auth::{device::Caller, identity::Identity};
use kaiwa_shared::{
    Code, Problem, UserId,
    auth::{Credentials, Session, User},
    settings::AppMode,
};
use kaiwa_store::accounts::{Admission, NewUser, Registration};
use secrecy::{ExposeSecret, SecretString};

use super::{input, with_session, wrong_credentials};
use crate::{
    http::{ApiError, Body, address, peer::Peer},
    state::AppState,
};

/// Creates an account and signs it in. The first account is the administrator's.
///
/// At an address that the server does not know, this needs the set-up code that the server prints at start.
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
    let setup_code = credentials.setup_code.clone();
    let (identity, password) = input::new_account(credentials)?;
    input::count_registration(&state, &peer).await?;
    // Checked before the expensive hash, so that nobody can keep a closed server busy. The transaction checks again.
    if admission(&state) == Admission::FirstOnly && state.store.read().await?.users().any().await? {
        return Err(closed());
    }
    let unknown_names = address::unknown_names(&request, &state).await?;
    if !unknown_names.is_empty() {
        check_setup_code(&state, setup_code.as_deref())?;
    }
    let (user, password_hash) = create(&state, identity, password, admission(&state)).await?;
    tracing::info!(user = %user.id, role = ?user.role, "an account was created");
    if !unknown_names.is_empty() {
        confirm(&state, &unknown_names).await?;
    }
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

/// Prints the set-up code, if somebody may need it.
pub(crate) async fn announce_setup_code(state: &AppState) -> Result<(), kaiwa_store::Error> {
    let is_open = admission(state) == Admission::Open || !state.store.read().await?.users().any().await?;
    if is_open && state.settings.server.site_url.is_none() {
        // At a level that hardly anybody turns off: without the code, the first account may be out of reach.
        tracing::warn!(
            setup_code = state.setup_code.shown(),
            "registration asks for this set-up code at addresses that the server does not know, such as that of a proxy. \
             If SITE_URL is set to the public address, no code is needed there"
        );
    }
    Ok(())
}

fn check_setup_code(state: &AppState, given: Option<&str>) -> Result<(), ApiError> {
    let (code, detail) = match given.map(str::trim) {
        Some(given) if state.setup_code.is(given) => return Ok(()),
        None | Some("") => ("required", "The server does not know this address."),
        Some(_) => ("wrong", "This set-up code is wrong, or it has been used."),
    };
    let advice = "Enter the set-up code that the server prints at start, or set SITE_URL to this address and restart it.";
    Err(ApiError::field(Code::SetupCodeRequired, "setup_code", code, format!("{detail} {advice}")))
}

/// Makes names known, and the set-up code invalid.
async fn confirm(state: &AppState, names: &[String]) -> Result<(), ApiError> {
    state.setup_code.use_up();
    let mut tx = state.store.begin().await?;
    for name in names {
        tx.hosts().confirm(name, state.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Stores a new account and returns it with the hash of its password.
async fn create(
    state: &AppState,
    identity: Identity,
    password: SecretString,
    admission: Admission,
) -> Result<(User, String), ApiError> {
    let password_hash = state.hasher.hash(password, Caller::Stranger).await.map_err(input::hasher_error)?;
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
