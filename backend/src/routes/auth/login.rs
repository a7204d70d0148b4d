//! `POST /api/auth/login`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_auth::device::Caller;
use kaiwa_shared::{
    Problem, UserId,
    auth::{Credentials, Session, rules::PASSWORD_MAX_BYTES},
};
use secrecy::SecretString;

use super::{input, with_session, wrong_credentials};
use crate::{
    http::{ApiError, Body, cookie, peer::Peer},
    state::AppState,
};

/// Signs in. A wrong password and an unknown name get the same response after the same time.
///
/// Over a limit of attempts, the password is checked after a delay, and a wrong one gets a 429. Devices that have signed in to the
/// account before, and send the cookie that they got then, have a limit of their own.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "auth",
    request_body = Credentials,
    security(()),
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub(crate) async fn login(
    request: HttpRequest,
    state: Data<AppState>,
    Body(credentials): Body<Credentials>,
) -> Result<HttpResponse, ApiError> {
    let peer = Peer::of(&request, &state.settings.server);
    let name = input::login_name(&credentials)?;
    let account = state.store.read().await?.users().find_by_login(&name).await?;
    // Counted by id, so that guesses by name and by e-mail address share one limit.
    let counted = account.as_ref().map_or(name, |secret| secret.user.id.to_string());
    let caller = account.as_ref().map_or(Caller::Stranger, |secret| caller(&request, &state, secret.user.id));
    // A longer one is never right, and must not wait in memory.
    let password = Some(credentials.password).filter(|password| password.len() <= PASSWORD_MAX_BYTES);
    let password = password.map(SecretString::from);
    let attempt =
        state.throttle.sign_in(peer.limit_key(), &counted, caller).await.map_err(input::too_many)?;
    let refused = || attempt.over_limit.map_or_else(wrong_credentials, input::too_many);
    let Some(password) = password else { return Err(refused()) };
    let verified = match &account {
        Some(secret) => state.hasher.verify(password, secret.password_hash.clone(), caller).await,
        None => state.hasher.verify_decoy(password).await,
    };
    let verified = verified.map_err(input::hasher_error)?;
    let session = match account.filter(|_| verified) {
        // The password may have been changed since it was read.
        Some(secret) => state.sessions.open(secret.user, &secret.password_hash).await?,
        None => None,
    };
    let Some(session) = session else {
        tracing::info!(address = %peer.address, "a sign-in failed");
        return Err(refused());
    };
    Ok(with_session(HttpResponse::Ok(), &request, &state, session))
}

/// Whether the request comes from a device on which somebody has signed in to this account before.
fn caller(request: &HttpRequest, state: &AppState, account: UserId) -> Caller {
    let is_known = cookie::marks(request, account).any(|mark| state.devices.is_marked(account, mark));
    if is_known { Caller::Known } else { Caller::Stranger }
}
