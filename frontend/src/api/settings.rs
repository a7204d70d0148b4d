//! `/api/settings`: the settings that the client needs before sign-in.

use kaiwa_shared::settings::PublicSettings;

use super::{Api, Error};

impl Api {
    /// The server's public settings.
    pub async fn public_settings(self) -> Result<PublicSettings, Error> {
        self.get("settings").await
    }
}
