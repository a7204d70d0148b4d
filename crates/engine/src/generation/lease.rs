//! The lease of this process on its generations.
//!
//! While a process renews its lease, no other process touches its running replies. A process that ends without giving
//! the lease up loses it after [`LEASE`], and any other process, or its own successor, marks its replies as interrupted.

use std::{sync::Arc, time::Duration};

use kaiwa_shared::{RunnerId, time::Millis};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{hub::Hub, lost};
use crate::Services;

/// How long a lease lasts without being renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(20);

/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// Takes the lease of this process, ends that of its predecessor, and marks replies that nobody writes any more as
/// interrupted; returns their number.
pub(crate) async fn take(services: &Services, predecessor: Option<RunnerId>) -> kaiwa_store::Result<u64> {
    let mut tx = services.store.begin().await?;
    if let Some(predecessor) = predecessor {
        tx.runners().release(predecessor).await?;
    }
    let interrupted = renew(services, &mut tx, true).await?;
    tx.commit().await?;
    Ok(interrupted)
}

/// Starts the task that renews the lease until `deadline` and looks for abandoned replies, of other processes and of this
/// one.
pub(crate) fn spawn_renewal(services: &Arc<Services>, hub: Hub, deadline: CancellationToken) {
    let services = Arc::downgrade(services);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(RENEW_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut renewed = Instant::now();
        let mut healthy_since = renewed;
        loop {
            tokio::select! {
                () = deadline.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let Some(services) = services.upgrade() else { return };
            // After an outage of the database every process needs time to renew its lease.
            let may_recover = healthy_since.elapsed() >= LEASE;
            match renew_now(&services, may_recover).await {
                Ok(interrupted) => {
                    if renewed.elapsed() > LEASE / 2 {
                        healthy_since = Instant::now();
                    }
                    renewed = Instant::now();
                    if interrupted > 0 {
                        tracing::warn!(
                            interrupted,
                            "replies of a process that ended are marked as interrupted"
                        );
                    }
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the lease on running replies could not be renewed");
                    continue;
                }
            }
            if let Err(error) = lost::interrupt(&services, &hub).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "replies that nobody writes could not be marked as interrupted");
            }
        }
    });
}

/// Gives the lease up, so that a successor need not wait for its end.
pub(crate) async fn release(services: &Services) {
    let released = async {
        let mut tx = services.store.begin().await?;
        tx.runners().release(services.runner).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the lease on running replies could not be given up; it ends by itself");
    }
}

async fn renew_now(services: &Services, may_recover: bool) -> kaiwa_store::Result<u64> {
    let mut tx = services.store.begin().await?;
    let interrupted = renew(services, &mut tx, may_recover).await?;
    tx.commit().await?;
    Ok(interrupted)
}

async fn renew(services: &Services, tx: &mut kaiwa_store::Tx, may_recover: bool) -> kaiwa_store::Result<u64> {
    let now = services.clock.now();
    let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
    tx.runners().renew(services.runner, Millis(now.0.saturating_add(lease))).await?;
    if may_recover { tx.runners().interrupt_abandoned(now).await } else { Ok(0) }
}
