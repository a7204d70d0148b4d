//! `/api/models` and `/api/admin/providers`: the models, and servers that could be connected.

use kaiwa_shared::model::{FoundServers, Models};

use super::{Api, Call, Error, Method};

impl Api {
    /// All models, and the default one.
    pub async fn models(self) -> Result<Models, Error> {
        self.get("models").await
    }

    /// Asks every provider for its models again.
    pub async fn refresh_models(self) -> Result<Models, Error> {
        self.call(Call::new(Method::Post, "models/refresh")).await
    }

    /// Model servers on Kaiwa's machine that are running and not configured, and providers that failed. For
    /// administrators.
    pub async fn found_servers(self) -> Result<FoundServers, Error> {
        self.get("admin/providers/found").await
    }
}
