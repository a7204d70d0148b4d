//! The task that writes one reply: how it begins, ends and is stored.

use std::{sync::Arc, time::Duration};

use kaiwa_shared::{
    message::{Status, Usage},
    stream::{NewTitle, Snapshot, StreamEnd, StreamEvent},
};
use kaiwa_store::generations::{FinishOutcome, GenerationEnd};

use super::{
    ask::Asking,
    failure::Ending,
    hub::HubEntry,
    job::{History, Job},
    live::Live,
    title,
};
use crate::{Offer, Services};

/// How often storing the end of a reply is tried while the database is down, and the pause between the attempts.
const FINISH_ATTEMPTS: u32 = 20;
const FINISH_PAUSE: Duration = Duration::from_millis(500);

/// What is known of a reply at its end.
struct Outcome {
    ending: Ending,
    usage: Option<Usage>,
    /// The model that answered, if it was not the requested one.
    model: Option<String>,
}

/// How a reply ended.
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// Whether a message may be queued behind it.
    pub(crate) may_have_queued: bool,
}

/// Writes the reply of a started turn to its end and stores it, unless it is temporary.
pub(super) async fn run(services: Arc<Services>, entry: HubEntry, mut job: Job) -> Ended {
    let live = entry.live();
    let permit = job.permit.take();
    // What happens once is boxed: this future lives as long as the reply and reserves space for the largest one in it.
    let spent = Box::pin(restore(&services, live, &job)).await;
    let mut asking = Asking::new(&services, live, &job, spent);
    let ending = asking.write().await;
    let offer = asking.answered().clone();
    let model = (offer.model.id != job.offer.model.id).then(|| offer.model.id.clone());
    let outcome = Outcome { ending, usage: asking.usage(), model };
    let mut may_have_queued = false;
    if !job.is_temporary() {
        may_have_queued = Box::pin(store_end(&services, live, &outcome)).await;
        if job.needs_title {
            Box::pin(set_title(&services, live, &job, &offer, ending.status)).await;
        }
    }
    // A client that sees the end may send the next message, which needs the permit.
    drop(permit);
    live.publish(&StreamEvent::End(StreamEnd { status: ending.status, finish: ending.finish }));
    tracing::info!(status = ending.status.as_str(), "generation ended");
    Ended { status: ending.status, may_have_queued }
}

/// Publishes a continued reply as it stands and restores its provider blocks; returns what it has cost so far.
async fn restore(services: &Services, live: &Live, job: &Job) -> Option<Usage> {
    let History::Continued(parts) = &job.history else { return None };
    let ids = live.ids();
    // A reply can be continued without its provider blocks and its cost.
    let stored = async {
        let mut tx = services.store.read().await?;
        tx.messages().history(ids.owner, ids.conversation, ids.reply, None, 1).await
    };
    let usage = stored.await.unwrap_or_default().pop().and_then(|entry| {
        live.set_provider_blocks(entry.provider_blocks);
        entry.message.usage
    });
    live.publish(&StreamEvent::Snapshot(Snapshot { message_id: ids.reply, parts: parts.clone() }));
    usage
}

/// Stores the end of a reply and keeps trying while the database is down. Returns whether a message may be queued behind
/// the reply.
async fn store_end(services: &Services, live: &Live, outcome: &Outcome) -> bool {
    // An attempt whose answer was lost may have stored the end without reporting what is queued.
    let mut may_be_done = false;
    for attempt in 1..=FINISH_ATTEMPTS {
        let end = GenerationEnd {
            checkpoint: live.checkpoint(),
            status: outcome.ending.status,
            finish: outcome.ending.finish,
            model: outcome.model.clone(),
            usage: outcome.usage,
            now: services.clock.now(),
        };
        match finish(services, &end).await {
            Ok(finished) => {
                live.set_stored(end.checkpoint.sequence);
                return may_be_done || finished == FinishOutcome::Stored { has_queued: true };
            }
            Err(error) if attempt == FINISH_ATTEMPTS => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the end of a reply could not be stored");
            }
            Err(error) => {
                may_be_done |= error.may_be_done();
                tokio::time::sleep(FINISH_PAUSE).await;
            }
        }
    }
    false
}

async fn finish(services: &Services, end: &GenerationEnd) -> kaiwa_store::Result<FinishOutcome> {
    let mut tx = services.store.begin().await?;
    let outcome = tx.generations().finish(end).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn set_title(services: &Services, live: &Live, job: &Job, offer: &Offer, status: Status) {
    let Some(question) = question(services, live, job).await else { return };
    let title = title::make(offer, live, &question, status).await;
    if title.is_empty() {
        return;
    }
    match store_title(services, live, &title).await {
        Ok(true) => live.publish(&StreamEvent::Title(NewTitle { title })),
        Ok(false) => {}
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a title could not be stored");
        }
    }
}

/// The text of the message to answer; `None` if it was deleted or cannot be read.
async fn question(services: &Services, live: &Live, job: &Job) -> Option<String> {
    if job.first_message.is_some() {
        return job.first_message.clone();
    }
    let ids = live.ids();
    let mut tx = services.store.read().await.ok()?;
    let message = tx.messages().find(ids.owner, ids.user_message).await.ok()??;
    Some(message.text())
}

async fn store_title(services: &Services, live: &Live, title: &str) -> kaiwa_store::Result<bool> {
    let mut tx = services.store.begin().await?;
    let is_set = tx.conversations().set_generated_title(live.ids().conversation, title).await?;
    tx.commit().await?;
    Ok(is_set)
}
