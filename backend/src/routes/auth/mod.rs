//! Accounts and sessions.

mod input;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
pub(crate) mod register;

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use kaiwa_shared::{Code, auth::Session};

use super::endpoints::endpoints;
use crate::{
    http::{ApiError, cookie, peer::Peer},
    state::AppState,
};

endpoints![
    register::register,
    login::login,
    logout::logout,
    refresh::refresh,
    password::change_password,
    me::get_me,
];

/// Responds with a session, in the body for programs and as a cookie for browsers. Another cookie marks the device.
fn with_session(
    mut response: HttpResponseBuilder,
    request: &HttpRequest,
    state: &AppState,
    session: Session,
) -> HttpResponse {
    let peer = Peer::of(request, &state.settings.server);
    let cookie = cookie::keep(&peer, session.access_token.clone(), state.settings.accounts.token_lifetime);
    let path = format!("{}/auth/login", state.settings.server.api_prefix);
    let mark = cookie::keep_mark(&peer, session.user.id, state.devices.mark(session.user.id), path);
    response.cookie(cookie).cookie(mark).json(session)
}

fn wrong_credentials() -> ApiError {
    ApiError::new(Code::WrongCredentials, "The login or the password is wrong.")
}
