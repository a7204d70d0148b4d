//! Accounts and sessions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{UserId, time::Millis};

/// The role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An administrator. The first account is one.
    Admin,
    /// A regular user.
    User,
}

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The account's name, in its original case.
    pub username: String,
    /// The e-mail address, if there is one.
    pub email: Option<String>,
    /// The account's role.
    pub role: Role,
    /// When the account was created.
    pub created_at: Millis,
}

/// Body of `POST /api/auth/register` and `POST /api/auth/login`.
///
/// Exactly one of `username`, `email` and `login` names the account; `login` may be either.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The account's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name or e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The password, 8 to 1024 bytes.
    pub password: String,
    /// The set-up code in the server's log, for a registration under an address that the server does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// The response to a registration, a login and a refresh. A browser also gets the token as an `HttpOnly` cookie.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The account.
    pub user: User,
    /// The token for `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the token expires.
    pub expires_in: u64,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// Body of `POST /api/auth/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The current password.
    pub current_password: String,
    /// The new password.
    pub new_password: String,
}

impl fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangePassword([redacted])")
    }
}

/// Rules for names and passwords, for the form and the server.
pub mod rules {
    /// The minimum length of a password.
    pub const PASSWORD_MIN_CHARS: usize = 8;
    /// The maximum size of a password. It limits the cost of hashing.
    pub const PASSWORD_MAX_BYTES: usize = 1024;
    /// The minimum length of an account name.
    pub const USERNAME_MIN_CHARS: usize = 2;
    /// The maximum length of an account name.
    pub const USERNAME_MAX_CHARS: usize = 64;
    /// The maximum size of an e-mail address (RFC 5321).
    pub const EMAIL_MAX_BYTES: usize = 254;
}
