//! The processes that run generations, and their leases.
//!
//! Each process holds one lease for all its generations and renews it while it lives. A running generation whose
//! process has no lease was abandoned: nobody writes it any more.

use kaiwa_shared::{GenerationId, RunnerId, time::Millis};
use uuid::Uuid;

use crate::{
    Result, Tx,
    db::{execute, fetch_all},
};

/// The repository of runners.
pub struct Runners<'t>(pub(crate) &'t mut Tx);

impl Runners<'_> {
    /// Takes or renews the lease of a runner.
    #[tracing::instrument(name = "store.runners.renew", level = "debug", skip_all)]
    pub async fn renew(&mut self, id: RunnerId, expires_at: Millis) -> Result<()> {
        execute!(
            self.0,
            "INSERT INTO runners (id, lease_expires_at) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET lease_expires_at = excluded.lease_expires_at",
            id.as_uuid(),
            expires_at.0,
        )?;
        Ok(())
    }

    /// Ends the lease of a runner whose process is known to have ended.
    #[tracing::instrument(name = "store.runners.release", level = "debug", skip_all)]
    pub async fn release(&mut self, id: RunnerId) -> Result<()> {
        execute!(self.0, "DELETE FROM runners WHERE id = $1", id.as_uuid())?;
        Ok(())
    }

    /// The generations of a runner that have not ended.
    #[tracing::instrument(name = "store.runners.running", level = "debug", skip_all)]
    pub async fn running(&mut self, id: RunnerId) -> Result<Vec<GenerationId>> {
        let rows = fetch_all!(
            self.0,
            (Uuid,),
            "SELECT id FROM generations WHERE status = 'streaming' AND runner_id = $1",
            id.as_uuid(),
        )?;
        Ok(rows.into_iter().map(|(id,)| GenerationId::from_uuid(id)).collect())
    }

    /// Writes a row that changes nothing: a runner whose lease ended long ago.
    pub(crate) async fn write_probe(&mut self) -> Result<()> {
        self.renew(RunnerId::from_uuid(Uuid::nil()), Millis(0)).await
    }

    /// Marks every running reply whose runner has no lease at `now` as interrupted; returns their number.
    #[tracing::instrument(name = "store.runners.interrupt_abandoned", level = "debug", skip_all)]
    pub async fn interrupt_abandoned(&mut self, now: Millis) -> Result<u64> {
        execute!(self.0, "DELETE FROM runners WHERE lease_expires_at <= $1", now.0)?;
        execute!(
            self.0,
            "UPDATE messages SET status = 'interrupted'
             WHERE status = 'streaming'
               AND id IN (
                   SELECT g.message_id FROM generations g
                   WHERE g.status = 'streaming'
                     AND NOT EXISTS (SELECT 1 FROM runners r WHERE r.id = g.runner_id)
               )",
        )?;
        execute!(
            self.0,
            "UPDATE generations SET status = 'interrupted', ended_at = $1
             WHERE status = 'streaming'
               AND NOT EXISTS (SELECT 1 FROM runners r WHERE r.id = generations.runner_id)",
            now.0,
        )
    }
}
