//! Looks regularly whether the sessions of open streams are still in the database, where another process may have closed
//! them.

use std::{collections::HashSet, sync::Arc, time::Duration};

use kaiwa_shared::{SessionId, time::Clock};
use kaiwa_store::{Store, accounts::MAX_CHECKED};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use super::cache::Cache;

/// How often the sessions are looked up. Together with the time for which a look-up is cached, a closed session ends
/// within five seconds everywhere.
const EVERY: Duration = Duration::from_secs(2);

/// Starts the task.
pub(super) fn spawn(store: Store, clock: Arc<dyn Clock>, cache: Cache) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for ids in cache.streamed().chunks(MAX_CHECKED) {
                match active(&store, ids, &*clock).await {
                    Ok(active) => {
                        ids.iter().filter(|id| !active.contains(id)).for_each(|id| cache.close(*id));
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::debug!(error, "the sessions of open streams could not be looked up");
                        break;
                    }
                }
            }
        }
    }))
}

async fn active(
    store: &Store,
    ids: &[SessionId],
    clock: &dyn Clock,
) -> kaiwa_store::Result<HashSet<SessionId>> {
    let active = store.read().await?.sessions().filter_active(ids, clock.now()).await?;
    Ok(active.into_iter().collect())
}
