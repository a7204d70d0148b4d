//! Generations: writing a reply from the model's events, and following it while it is written.
//!
//! `run` writes one reply in a task of its own: `history` and `context` decide what is sent, `ask` to whom and how often,
//! and `reply` turns the provider's events into changes of the `live` reply. A `listener` follows its event log.

mod ask;
pub(crate) mod attachments;
mod checkpoint;
mod context;
mod continuation;
mod end;
pub(crate) mod failure;
mod fallbacks;
mod history;
pub(crate) mod hub;
pub(crate) mod job;
mod lease;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod live;
mod lost;
mod naming;
mod past_reply;
pub(crate) mod pictures;
mod reply;
mod retry;
mod run;
mod snapshot;
mod stops;
pub(crate) mod temporary_replies;
mod title;
mod tokens;

use std::{future::Future, sync::Arc, time::Duration};

use kaiwa_shared::{
    GenerationId, RunnerId, UserId,
    message::{Part, Status},
    stream::{Snapshot, StreamEnd, StreamEvent},
};
use kaiwa_store::generations::Generation;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use crate::{Listener, Services};
use hub::{Hub, HubEntry};
use job::Job;
use limits::Gate;
use live::{Live, LiveIds};
use temporary_replies::TemporaryReplies;

pub(crate) use checkpoint::store_unstored;
pub(crate) use run::Ended;

/// The generations of this process. Cheap to clone.
#[derive(Clone)]
pub struct Generations {
    services: Arc<Services>,
    hub: Hub,
    temporary_replies: TemporaryReplies,
    gate: Gate,
    tasks: TaskTracker,
    /// Cancelled when no new generation may start.
    closing: CancellationToken,
    /// Cancelled when running generations must end.
    deadline: CancellationToken,
}

impl Generations {
    /// Starts the task that stores checkpoints and the one that stops generations for other processes.
    pub(crate) async fn new(services: Arc<Services>) -> Self {
        let generations = Self {
            gate: Gate::new(Arc::clone(&services.bus), services.options.limits),
            services,
            hub: Hub::default(),
            temporary_replies: TemporaryReplies::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            deadline: CancellationToken::new(),
        };
        checkpoint::spawn(&generations);
        stops::follow(&generations).await;
        generations
    }

    /// Takes the lease of this process and starts the task that renews it.
    pub(crate) async fn take_lease(&self, predecessor: Option<RunnerId>) -> kaiwa_store::Result<u64> {
        let interrupted = lease::take(&self.services, predecessor).await?;
        lease::spawn_renewal(&self.services, self.hub.clone(), self.deadline.clone());
        Ok(interrupted)
    }

    /// Listens to a running generation of this owner from after the event `after`, or from a snapshot. `None` if it does not
    /// run in this process.
    pub fn attach_running(&self, owner: UserId, id: GenerationId, after: Option<u64>) -> Option<Listener> {
        self.find_live(owner, id).map(|live| Listener::live(live, after))
    }

    /// Listens to a generation of this owner from after the event `after`, or from a snapshot. `None` if there is no such
    /// generation.
    pub async fn attach(
        &self,
        owner: UserId,
        id: GenerationId,
        after: Option<u64>,
    ) -> kaiwa_store::Result<Option<Listener>> {
        if let Some(live) = self.find_live(owner, id) {
            return Ok(Some(Listener::live(live, after)));
        }
        let found = self.services.store.read().await?.generations().find(owner, id).await?;
        let Some(generation) = found else { return Ok(None) };
        // It may have been removed from the hub, or added to it, while the row was read.
        if let Some(live) = self.hub.find(owner, id) {
            return Ok(Some(Listener::live(live, after)));
        }
        self.replay(owner, &generation, after.unwrap_or(0), Vec::new()).await.map(Some)
    }

    /// Stops a generation of this owner; what has arrived is kept. `true` if the generation exists, running or not.
    pub async fn stop(&self, owner: UserId, id: GenerationId) -> kaiwa_store::Result<bool> {
        if let Some(live) = self.find_live(owner, id) {
            live.stop();
            return Ok(true);
        }
        stops::publish(&*self.services.bus, owner, id);
        let found = self.services.store.read().await?.generations().find(owner, id).await?;
        if found.as_ref().is_some_and(|generation| generation.status == Status::Streaming) {
            lost::interrupt(&self.services, &self.hub).await?;
        }
        Ok(found.is_some())
    }

    /// The number of generations that run in this process.
    pub fn running(&self) -> usize {
        self.hub.all().len()
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(crate) fn temporary_replies(&self) -> &TemporaryReplies {
        &self.temporary_replies
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Cancelled when the process is about to end.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Adds a new live reply to the hub.
    pub(crate) fn enter(&self, ids: LiveIds) -> HubEntry {
        self.hub.insert(Arc::new(Live::new(ids, &self.deadline)))
    }

    /// Spawns a task that a shutdown waits for.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.tasks.spawn(task)
    }

    /// Writes a reply to its end. Not an `async fn`: its future would hold the reply's future twice.
    pub(crate) fn run<'j>(
        &self,
        entry: HubEntry,
        job: &'j mut Job,
    ) -> impl Future<Output = Ended> + Send + use<'j> {
        let span = tracing::info_span!(
            "generation.run",
            generation = %entry.live().ids().generation,
            model = %job.offer.model.id,
        );
        run::run(Arc::clone(&self.services), entry, job).instrument(span)
    }

    /// Gives the conversation of a reply that has ended its title; `true` if it has a new one.
    pub(crate) async fn set_title(&self, live: &Live, job: &Job, ended: &Ended) -> bool {
        naming::set_title(&self.services, live, job, &ended.offer, ended.status).await
    }

    /// A listener that reports how a stored reply ended, after `events`. Its numbers continue after `seen`, because
    /// a client ignores what it has seen.
    pub(crate) async fn replay(
        &self,
        owner: UserId,
        generation: &Generation,
        seen: u64,
        mut events: Vec<(u64, StreamEvent)>,
    ) -> kaiwa_store::Result<Listener> {
        let mut tx = self.services.store.read().await?;
        let message = tx.messages().find(owner, generation.message_id).await?;
        // The reply may have been continued by another generation; how this one ended is in its own row.
        let is_latest = message.as_ref().is_some_and(|message| message.generation_id == Some(generation.id));
        let finish = message.as_ref().filter(|_| is_latest).and_then(|message| message.finish);
        let parts: Vec<Part> = message.map_or_else(Vec::new, |message| message.parts);
        // It does not run here, so a row that says so was left behind by a write that failed or a process that ended.
        let status = match generation.status {
            Status::Streaming => Status::Interrupted,
            ended => ended,
        };
        let last = generation.sequence.max(1).max(seen);
        let snapshot = Snapshot { message_id: generation.message_id, parts };
        events.push((last, StreamEvent::Snapshot(snapshot)));
        events.push((last.saturating_add(1), StreamEvent::End(StreamEnd { status, finish })));
        Ok(Listener::replay(&events))
    }

    /// Refuses new generations, lets running ones end within `grace`, then interrupts them. When it returns, every
    /// reply is stored, every listener has its `end`, and this process has given up its lease.
    pub(crate) async fn shut_down(&self, grace: Duration) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::info!(running = self.running(), "interrupting replies that are still being written");
            self.deadline.cancel();
            self.tasks.wait().await;
        }
        lease::release(&self.services).await;
    }

    /// A running reply, or a temporary one that ended recently.
    fn find_live(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        self.hub.find(owner, id).or_else(|| self.temporary_replies.find(owner, id))
    }
}
