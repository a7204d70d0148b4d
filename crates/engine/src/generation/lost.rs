//! Replies of this process that no task writes any more, although their rows say that they are running.
//!
//! A task that panicked or could not store the end of its reply leaves such a row behind. It would keep its conversation
//! busy until the next start.

use super::hub::Hub;
use crate::Services;

/// Marks these replies as interrupted; returns their number.
///
/// A reply is in the hub before its row is stored, and until its end is stored or has failed for good. The hub is asked
/// after the rows are read, so a reply that it does not have has ended.
pub(super) async fn interrupt(services: &Services, hub: &Hub) -> kaiwa_store::Result<u64> {
    let mut running = services.store.read().await?.runners().running(services.runner).await?;
    running.retain(|id| !hub.contains(*id));
    if running.is_empty() {
        return Ok(0);
    }
    let mut tx = services.store.begin().await?;
    for id in &running {
        tx.generations().interrupt(*id, services.clock.now()).await?;
    }
    tx.commit().await?;
    tracing::warn!(interrupted = running.len(), "replies that nobody writes are marked as interrupted");
    Ok(u64::try_from(running.len()).unwrap_or(u64::MAX))
}
