//! `/api/models`: what can be chosen.

use kaiwa_shared::model::Models;

use super::{Api, Error};

impl Api {
    /// Every model that is offered, and which one a new conversation uses.
    pub async fn models(self) -> Result<Models, Error> {
        self.get("models").await
    }
}
