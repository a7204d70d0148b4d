//! `GET /api/auth/me`

use actix_web::web::Json;
use kaiwa_shared::{Problem, auth::User};

use crate::http::SignedIn;

/// Returns the signed-in account.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "auth",
    responses((status = 200, body = User), (status = 401, body = Problem))
)]
pub(crate) async fn get_me(user: SignedIn) -> Json<User> {
    Json(user.0.user)
}
