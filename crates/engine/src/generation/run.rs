//! The task that writes one reply: how it begins, ends and is stored.

use std::sync::Arc;

use kaiwa_shared::{
    message::{Status, Usage},
    stream::{Snapshot, StreamEnd, StreamEvent},
};

use super::{
    ask::Asking,
    end::{self, Outcome},
    failure::Ending,
    hub::HubEntry,
    job::{History, Job},
    live::Live,
    pictures,
};
use crate::{Offer, Services};

/// How a reply ended.
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// Whether a message may be queued behind it.
    pub(crate) may_have_queued: bool,
    /// The offer that answered, or was asked last.
    pub(crate) offer: Offer,
}

/// Writes the reply of a started turn to its end and stores it, unless it is temporary.
pub(super) async fn run(services: Arc<Services>, entry: HubEntry, job: &mut Job) -> Ended {
    let live = entry.live();
    let permit = job.permit.take();
    // What happens once is boxed: this future lives as long as the reply and reserves space for the largest one in it.
    let spent = Box::pin(restore(&services, live, job)).await;
    let mut asking = Asking::new(&services, live, job, spent);
    let mut ending = asking.write().await;
    let offer = asking.answered().clone();
    let model = (offer.model.id != job.offer.model.id).then(|| offer.model.id.clone());
    let usage = asking.usage();
    let mut may_have_queued = false;
    if !job.is_temporary() {
        let pictures = Box::pin(pictures::store(&services, live)).await;
        let outcome = Outcome { ending, usage, model, pictures };
        let stored = Box::pin(end::store(&services, live, &outcome)).await;
        may_have_queued = stored.is_some_and(|end| end.may_have_queued);
        // What could not be stored is marked as interrupted later.
        let status = stored.map_or(Status::Interrupted, |end| end.status);
        if status != ending.status {
            ending = Ending::of(status);
        }
    }
    // A client that sees the end may send the next message, which needs the permit.
    drop(permit);
    live.publish(&StreamEvent::End(StreamEnd { status: ending.status, finish: ending.finish }));
    tracing::info!(status = ending.status.as_str(), "generation ended");
    Ended { status: ending.status, may_have_queued, offer }
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
