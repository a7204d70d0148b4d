//! `/api/models`: what can be chosen; `/api/admin/providers`: what could be.

use kaiwa_shared::model::{FoundServers, Models};

use super::{Api, Error};

impl Api {
    /// Every model that is offered, and which one a new conversation uses.
    pub async fn models(self) -> Result<Models, Error> {
        self.get("models").await
    }

    /// Servers on Kaiwa's machine that answer and are not configured. For administrators.
    pub async fn found_servers(self) -> Result<FoundServers, Error> {
        self.get("admin/providers/found").await
    }
}
