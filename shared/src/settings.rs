//! Settings that the client needs before anyone has signed in.

use serde::{Deserialize, Serialize};

/// Who can create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppMode {
    /// Only one account can be created, the administrator's.
    Single,
    /// Anyone may register.
    Multi,
}

/// The response to `GET /api/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct PublicSettings {
    /// The server's version.
    pub version: String,
    /// Who can create an account.
    pub app_mode: AppMode,
    /// Whether an account can be registered now.
    pub registration_open: bool,
    /// Whether no account exists yet. The first one becomes the administrator.
    pub first_run: bool,
    /// Whether a registration needs the set-up code in the server's log, because the server does not know the address
    /// of this request.
    #[serde(default)]
    pub setup_code_required: bool,
    /// Whether this request has a valid session.
    #[serde(default)]
    pub signed_in: bool,
    /// The maximum size of an uploaded file, in bytes.
    #[serde(default)]
    pub max_file_bytes: u64,
}
