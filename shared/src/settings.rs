//! What the client must know before anyone has signed in.

use serde::{Deserialize, Serialize};

/// Who can make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppMode {
    /// Only the first account can be made; it is the administrator's.
    Single,
    /// Registration follows the system setting.
    Multi,
}

/// Answer to `GET /api/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicSettings {
    /// The server's version.
    pub version: String,
    /// Who can make an account.
    pub app_mode: AppMode,
    /// `POST /api/auth/register` would accept an account now.
    pub registration_open: bool,
    /// No account exists yet: whoever registers becomes the administrator.
    pub first_run: bool,
}
