//! Stores the state of all running replies at regular intervals.

use std::{sync::Arc, time::Duration};

use kaiwa_store::{Store, generations::MAX_CHECKPOINTS};
use tokio::time::MissedTickBehavior;

use super::{Generations, hub::Hub, live::Live};

/// The most of a reply, in time, that a crash can lose.
const EVERY: Duration = Duration::from_millis(500);

/// Starts the task. It ends with the engine, or at its deadline.
pub(super) fn spawn(generations: &Generations) {
    let services = Arc::downgrade(&generations.services);
    let hub = generations.hub.clone();
    let deadline = generations.deadline.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut is_failing = false;
        loop {
            tokio::select! {
                () = deadline.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let Some(services) = services.upgrade() else { return };
            let result = store_all(&services.store, &hub).await;
            // An outage of a minute is one line in the log, not a hundred and twenty.
            match (&result, is_failing) {
                (Err(error), false) => {
                    let error = error as &dyn std::error::Error;
                    tracing::error!(error, "running replies could not be stored; trying again");
                }
                (Ok(()), true) => tracing::info!("running replies are stored again"),
                _ => {}
            }
            is_failing = result.is_err();
        }
    });
}

/// Stores every reply that has grown. The states are taken batch by batch, so that few of them are in memory at once.
async fn store_all(store: &Store, hub: &Hub) -> kaiwa_store::Result<()> {
    store_unstored(store, hub.all().into_iter().filter(|live| !live.ids().temporary)).await
}

/// Stores each of these replies that has grown since it was last stored.
pub(crate) async fn store_unstored(
    store: &Store,
    lives: impl Iterator<Item = Arc<Live>>,
) -> kaiwa_store::Result<()> {
    let mut unstored = lives.filter_map(|live| live.unstored().map(|state| (live, state)));
    loop {
        let (lives, states): (Vec<_>, Vec<_>) = unstored.by_ref().take(MAX_CHECKPOINTS).unzip();
        if states.is_empty() {
            return Ok(());
        }
        let mut tx = store.begin().await?;
        tx.generations().checkpoint(&states).await?;
        tx.commit().await?;
        for (live, state) in lives.iter().zip(states) {
            live.set_stored(state.sequence);
        }
    }
}
