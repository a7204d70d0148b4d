//! The task that writes one reply.
//!
//! Who is asked, how often and with how much is decided in `ask`; here a reply begins, ends and is stored.

use std::time::Duration;

use kaiwa_shared::{
    message::{Status, Usage},
    stream::{NewTitle, Snapshot, StreamEnd, StreamEvent},
};
use kaiwa_store::entities::Finish;

use crate::{
    Engine, Offer,
    ask::Asking,
    failure::Ending,
    hub::Entry,
    job::{History, Job},
    live::Live,
    titles,
};

/// How often the end of a reply is offered to a database that does not take it, and how long between the attempts.
const FINISH_ATTEMPTS: u32 = 20;
const FINISH_PAUSE: Duration = Duration::from_millis(500);

/// What is known of a reply when it is over.
struct Outcome {
    ending: Ending,
    usage: Option<Usage>,
    /// Who wrote it, where another one did than was asked first.
    model: Option<String>,
}

/// How a reply ended.
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// A message may wait for it.
    pub(crate) may_wait: bool,
}

/// Writes the reply of a started turn to its end, stores it unless it is temporary, and says how it ended.
pub(crate) async fn run(engine: Engine, entry: Entry, mut job: Job) -> Ended {
    let live = entry.live();
    let permit = job.permit.take();
    // What is done once is boxed: a future keeps room for the largest thing it ever does, as long as it lives.
    let spent = Box::pin(pick_up(&engine, live, &job)).await;
    let opening = job.opening.take();
    let mut asking = Asking::new(&engine, live, &job, spent, opening);
    let ending = asking.write().await;
    let offer = asking.answered().clone();
    let model = (offer.model.id != job.offer.model.id).then(|| offer.model.id.clone());
    let outcome = Outcome { ending, usage: asking.usage(), model };
    let mut may_wait = false;
    if !job.is_temporary() {
        may_wait = Box::pin(store_end(&engine, live, &outcome)).await;
        if job.untitled {
            Box::pin(give_title(&engine, live, &offer, ending.status)).await;
        }
    }
    // Whoever hears of the end may send the next message, which needs the place.
    drop(permit);
    live.publish(&StreamEvent::End(StreamEnd { status: ending.status, finish: ending.finish }));
    tracing::info!(generation = %live.ids().generation, status = ending.status.as_str(), "generation ended");
    Ended { status: ending.status, may_wait }
}

/// Shows what is continued and picks up what is known of it; what it has cost.
async fn pick_up(engine: &Engine, live: &Live, job: &Job) -> Option<Usage> {
    let History::Continued(parts) = &job.history else { return None };
    let (ids, messages) = (live.ids(), engine.0.store.messages());
    // Without its native blocks and its cost a reply is still a reply.
    let told = messages.told(ids.owner, ids.conversation, ids.reply, None, 1).await.unwrap_or_default().pop();
    let usage = told.and_then(|(message, natives)| {
        live.keep_natives(natives);
        message.usage
    });
    live.publish(&StreamEvent::Snapshot(Snapshot { message_id: ids.reply, parts: parts.clone() }));
    usage
}

/// Stores the end of a reply, and tries again while the database is away: the reply is all there is of it. Says whether
/// a message may wait for it.
async fn store_end(engine: &Engine, live: &Live, outcome: &Outcome) -> bool {
    // Where only the answer was lost, the end is stored, and nobody has heard what waits for it.
    let mut may_be_done = false;
    for attempt in 1..=FINISH_ATTEMPTS {
        let end = Finish {
            checkpoint: live.checkpoint(),
            status: outcome.ending.status,
            finish: outcome.ending.finish,
            model: outcome.model.clone(),
            usage: outcome.usage,
            now: engine.0.clock.now(),
        };
        match engine.0.store.generations().finish(&end).await {
            Ok(finished) => {
                live.stored(end.checkpoint.sequence);
                return finished.may_wait || may_be_done;
            }
            Err(error) if attempt == FINISH_ATTEMPTS => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    generation = %live.ids().generation,
                    "the end of a reply could not be stored",
                );
            }
            Err(error) => {
                may_be_done |= error.may_be_done();
                tokio::time::sleep(FINISH_PAUSE).await;
            }
        }
    }
    false
}

async fn give_title(engine: &Engine, live: &Live, offer: &Offer, status: Status) {
    let ids = live.ids();
    let question = match engine.0.store.messages().find(ids.owner, ids.user_message).await {
        Ok(Some(message)) => message.text(),
        // Deleted in the meantime, or the database is away: there is nothing to give a title to.
        Ok(None) | Err(_) => return,
    };
    let title = titles::make(offer, live, &question, status).await;
    if title.is_empty() {
        return;
    }
    match engine.0.store.conversations().set_generated_title(ids.conversation, &title).await {
        Ok(true) => live.publish(&StreamEvent::Title(NewTitle { title })),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a title could not be stored");
        }
    }
}
