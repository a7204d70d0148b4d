//! Stores how far running replies have come, all of them in one transaction.

use std::time::Duration;

use kaiwa_store::entities::Checkpoint;
use tokio::time::MissedTickBehavior;

use crate::{Engine, live::Live};

/// How much of a reply a crash can cost at most.
const EVERY: Duration = Duration::from_millis(500);

/// Starts the task. It ends with the last handle on the engine but its own, or at the engine's deadline.
pub(crate) fn spawn(engine: &Engine) {
    let inner = std::sync::Arc::downgrade(&engine.0);
    let deadline = engine.0.deadline.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut failing = false;
        loop {
            tokio::select! {
                () = deadline.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let Some(inner) = inner.upgrade() else { return };
            let result = store_all(&Engine(inner)).await;
            // A database that is down for a minute is one line in the log, not a hundred and twenty.
            match (&result, failing) {
                (Err(error), false) => {
                    tracing::error!(
                        error = error as &dyn std::error::Error,
                        "replies could not be stored, trying on"
                    );
                }
                (Ok(()), true) => tracing::info!("replies are stored again"),
                _ => {}
            }
            failing = result.is_err();
        }
    });
}

async fn store_all(engine: &Engine) -> kaiwa_store::Result<()> {
    let lives = engine.0.hub.all();
    let mut taken = Vec::new();
    let states = lives.into_iter().filter_map(|live| {
        let state = unstored(&live)?;
        taken.push((live, state.sequence));
        Some(state)
    });
    engine.0.store.generations().checkpoint(states).await?;
    for (live, sequence) in taken {
        live.stored(sequence);
    }
    Ok(())
}

/// What is to be stored of a reply; nothing of a temporary one ever is.
fn unstored(live: &Live) -> Option<Checkpoint> {
    if live.ids().temporary { None } else { live.unstored() }
}
