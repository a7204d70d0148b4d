//! Accounts and sessions as client and server speak of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{UserId, time::Millis};

/// Who an account is to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May change the system's settings. The first account is one.
    Admin,
    /// May chat.
    User,
}

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The name that was chosen, in the case in which it was written.
    pub username: String,
    /// The e-mail address, if one was given.
    pub email: Option<String>,
    /// What the account may do.
    pub role: Role,
    /// When it was made.
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
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// Answer to a registration, a login and a refresh. A browser also gets the token as an `HttpOnly` cookie.
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
    /// The present password.
    pub current_password: String,
    /// The password from now on. Every other session of the account ends.
    pub new_password: String,
}

impl fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangePassword([redacted])")
    }
}

/// Rules for names and passwords that the form and the server both apply.
pub mod rules {
    /// Fewest characters of a password.
    pub const PASSWORD_MIN_CHARS: usize = 8;
    /// Most bytes of a password; beyond it hashing would be an attack.
    pub const PASSWORD_MAX_BYTES: usize = 1024;
    /// Fewest characters of an account name.
    pub const USERNAME_MIN_CHARS: usize = 2;
    /// Most characters of an account name.
    pub const USERNAME_MAX_CHARS: usize = 64;
    /// Most bytes of an e-mail address (RFC 5321).
    pub const EMAIL_MAX_BYTES: usize = 254;
}
