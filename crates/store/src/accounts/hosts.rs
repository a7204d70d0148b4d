//! Names of the server that somebody with access to its log has confirmed.

use kaiwa_shared::time::Millis;

use crate::{
    Result, Tx,
    db::{execute, fetch_optional},
};

/// The repository of confirmed names.
pub struct Hosts<'t>(pub(crate) &'t mut Tx);

impl Hosts<'_> {
    /// Confirms a name. It is in lower case, without a port.
    #[tracing::instrument(name = "store.hosts.confirm", level = "debug", skip_all)]
    pub async fn confirm(&mut self, name: &str, now: Millis) -> Result<()> {
        execute!(
            self.0,
            "INSERT INTO confirmed_hosts (name, confirmed_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            name,
            now.0,
        )?;
        Ok(())
    }

    /// Whether a name is confirmed.
    #[tracing::instrument(name = "store.hosts.is_confirmed", level = "debug", skip_all)]
    pub async fn is_confirmed(&mut self, name: &str) -> Result<bool> {
        // PostgreSQL refuses a NUL in a query.
        if name.contains('\0') {
            return Ok(false);
        }
        let sql = "SELECT confirmed_at FROM confirmed_hosts WHERE name = $1";
        Ok(fetch_optional!(self.0, (i64,), sql, name)?.is_some())
    }
}
