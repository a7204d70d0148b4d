//! Storing the end of a reply.
//!
//! A reader learns how a reply ended once that is stored. While the database is down or full, the end is offered again
//! and again, and the reply stays in the hub.

use std::time::Duration;

use kaiwa_shared::{
    FileId,
    message::{Status, Usage},
};
use kaiwa_store::{
    Error,
    generations::{FinishOutcome, GenerationEnd},
};
use tokio::time::sleep;

use super::{failure::Ending, live::Live};
use crate::Services;

/// The pause after the first failed attempt. It doubles with each attempt, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How often an end is offered that the database refuses for another reason than being unavailable, or while the process
/// is about to end.
const ATTEMPTS: u32 = 4;

/// What is known of a reply at its end.
pub(super) struct Outcome {
    pub(super) ending: Ending,
    pub(super) usage: Option<Usage>,
    /// The model that answered, if it was not the requested one.
    pub(super) model: Option<String>,
    /// The pictures that the model wrote into the reply.
    pub(super) pictures: Vec<FileId>,
}

/// The end of a reply as it is stored.
#[derive(Clone, Copy)]
pub(super) struct StoredEnd {
    pub(super) status: Status,
    /// Whether a message may be queued behind the reply.
    pub(super) may_have_queued: bool,
}

/// Stores the end of a reply. `None` if that failed for good: the row still says that the reply is running, and is
/// marked as interrupted later.
pub(super) async fn store(services: &Services, live: &Live, outcome: &Outcome) -> Option<StoredEnd> {
    let (mut pause, mut attempts_left, mut is_failing) = (FIRST_PAUSE, ATTEMPTS, false);
    // An attempt whose answer was lost may have stored the end without reporting what is queued.
    let mut may_be_done = false;
    loop {
        let error = match try_store(services, live, outcome, may_be_done).await {
            Ok(end) => {
                if is_failing {
                    tracing::info!("the end of a reply is stored after all");
                }
                return Some(end);
            }
            Err(error) => error,
        };
        let is_shutting_down = live.is_shutting_down();
        if is_shutting_down || !error.is_unavailable() {
            attempts_left -= 1;
        }
        if attempts_left == 0 {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the end of a reply could not be stored");
            return None;
        }
        if !is_failing {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the end of a reply could not be stored; trying again");
        }
        is_failing = true;
        may_be_done |= error.may_be_done();
        drop(error);
        tokio::select! {
            () = sleep(pause) => {}
            () = live.shut_down(), if !is_shutting_down => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn try_store(
    services: &Services,
    live: &Live,
    outcome: &Outcome,
    may_be_done: bool,
) -> Result<StoredEnd, Error> {
    let end = GenerationEnd {
        checkpoint: live.checkpoint(),
        status: outcome.ending.status,
        finish: outcome.ending.finish,
        model: outcome.model.clone(),
        usage: outcome.usage,
        files: outcome.pictures.clone(),
        now: services.clock.now(),
    };
    let mut tx = services.store.begin().await?;
    let stored = match tx.generations().finish(&end).await? {
        FinishOutcome::Stored { has_queued } => {
            StoredEnd { status: end.status, may_have_queued: may_be_done || has_queued }
        }
        // By an earlier attempt, by a process that took this one for dead, or by being deleted.
        FinishOutcome::AlreadyEnded => {
            let found = tx.generations().find(live.ids().owner, live.ids().generation).await?;
            let status = found.map_or(end.status, |generation| generation.status);
            StoredEnd { status, may_have_queued: may_be_done }
        }
    };
    tx.commit().await?;
    live.set_stored(end.checkpoint.sequence);
    Ok(stored)
}
