//! A generation, from the user's message to the stored reply.
//!
//! [`Engine::send`] stores the user's message and the empty reply, starts a detached task that asks the model, and
//! gives the caller a [`Listener`]: the first of any number of readers. The task writes into a live reply, which
//! numbers and encodes each event once; a listener is a position in that log. Nothing here knows HTTP, and no
//! generation needs a listener: a reply goes on when its readers are gone and ends only by itself, by
//! [`Engine::stop`], or when the process does.
//!
//! What a request asks for is looked up and stored in `send`; `branches`, `queue` and `temporary` are what else can be
//! done with a conversation, and `feed` tells every open page of its owner about it.
//!
//! To add something that happens during a generation, give it an event in `kaiwa_shared::stream` and publish it from
//! `run`; to add something that is sent to the model, look into `context`.

mod ask;
mod branches;
mod catalog;
mod checkpoint;
mod context;
mod continuation;
mod error;
mod failure;
mod feed;
mod halted;
mod history;
mod hub;
mod job;
mod limits;
mod listener;
mod live;
mod log;
mod pace;
mod queue;
mod reply;
mod retry;
mod run;
mod send;
mod temporary;
mod titles;
mod tokens;
mod told;

use std::{sync::Arc, time::Duration};

use kaiwa_shared::{
    GenerationId, UserId,
    message::{Part, Status},
    stream::{Snapshot, StreamEnd, StreamEvent},
    time::Clock,
};
use kaiwa_store::{Store, entities::Generation};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use catalog::{Catalog, Offer};
pub use error::SendError;
pub use feed::FeedListener;
pub use listener::Listener;
pub use send::Sent;

use feed::Feed;
use hub::Hub;
use limits::Gate;
use live::Live;
use temporary::Temporaries;

/// What a deployment can choose about generations.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tokens of history that are sent where the model's own window is not known.
    pub context_tokens: usize,
    /// `false` asks providers for whole replies (`STREAM_RESPONSE=false`).
    pub stream: bool,
    /// How much may be written at once and by one reply.
    pub limits: Limits,
    /// A reply that broke off is continued without being asked, on the model's first fallback if it has one
    /// (`AUTO_CONTINUE=true`).
    pub auto_continue: bool,
}

/// How much may be written at once and by one reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Replies of one person that may be written at the same time.
    pub per_user: usize,
    /// Replies of everybody that may be written at the same time.
    pub global: usize,
    /// Bytes of one reply, reasoning and tool calls included.
    pub reply_bytes: usize,
    /// How long one reply may take.
    pub reply_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_user: 8, global: 2000, reply_bytes: 4 * 1024 * 1024, reply_time: Duration::from_hours(1) }
    }
}

/// Runs generations. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    options: Options,
    hub: Hub,
    temporaries: Temporaries,
    feed: Feed,
    gate: Gate,
    tasks: TaskTracker,
    /// Cancelled when no new generation may start.
    closing: CancellationToken,
    /// Cancelled when running generations must end now.
    deadline: CancellationToken,
}

impl Engine {
    /// An engine over a migrated store. Must be called inside a tokio runtime: it starts the checkpoint task.
    pub fn new(store: Store, catalog: Catalog, clock: Arc<dyn Clock>, options: Options) -> Self {
        let engine = Self(Arc::new(Inner {
            store,
            catalog,
            gate: Gate::new(options.limits),
            clock,
            options,
            hub: Hub::default(),
            temporaries: Temporaries::default(),
            feed: Feed::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            deadline: CancellationToken::new(),
        }));
        checkpoint::spawn(&engine);
        engine
    }

    /// The places for replies that may be written at once.
    pub(crate) fn limits(&self) -> &Gate {
        &self.0.gate
    }

    /// The models that can be chosen.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// Marks what an earlier process left behind as interrupted. Called once, before the first request.
    pub async fn recover(&self) -> kaiwa_store::Result<u64> {
        self.0.store.generations().interrupt_all(self.0.clock.now()).await
    }

    /// Listens to a generation of this owner from after the event `after`, or from a snapshot of what there is.
    /// `None` if there is no such generation.
    pub async fn attach(
        &self,
        owner: UserId,
        id: GenerationId,
        after: Option<u64>,
    ) -> kaiwa_store::Result<Option<Listener>> {
        if let Some(live) = self.find_live(owner, id) {
            return Ok(Some(Listener::live(live, after)));
        }
        let Some(generation) = self.0.store.generations().find(owner, id).await? else { return Ok(None) };
        // It may have begun to run, or ended, while the row was read; the hub has the last word on what runs.
        if let Some(live) = self.0.hub.find(owner, id) {
            return Ok(Some(Listener::live(live, after)));
        }
        self.ended(owner, &generation, after.unwrap_or(0), Vec::new()).await.map(Some)
    }

    /// Stops a generation of this owner; what has arrived stays. `true` if the generation exists, running or not.
    pub async fn stop(&self, owner: UserId, id: GenerationId) -> kaiwa_store::Result<bool> {
        if let Some(live) = self.find_live(owner, id) {
            live.stop();
            return Ok(true);
        }
        Ok(self.0.store.generations().find(owner, id).await?.is_some())
    }

    /// A reply that is being written, or a temporary one that has not been over for long.
    fn find_live(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        self.0.hub.find(owner, id).or_else(|| self.0.temporaries.find(owner, id))
    }

    /// How many generations run at this moment.
    pub fn running(&self) -> usize {
        self.0.hub.all().len()
    }

    /// Refuses new generations, lets running ones end within `grace`, then interrupts them. Every listener gets its
    /// `end` and every reply is stored when it returns.
    pub async fn shutdown(&self, grace: Duration) {
        self.0.closing.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(grace, self.0.tasks.wait()).await.is_err() {
            tracing::info!(running = self.running(), "interrupting replies that are still being written");
            self.0.deadline.cancel();
            self.0.tasks.wait().await;
        }
        self.0.feed.close();
    }

    /// A listener that tells how a stored reply ended. Its numbers continue after `seen`, for a reader that passes
    /// over what it has seen.
    async fn ended(
        &self,
        owner: UserId,
        generation: &Generation,
        seen: u64,
        mut events: Vec<(u64, StreamEvent)>,
    ) -> kaiwa_store::Result<Listener> {
        let message = self.0.store.messages().find(owner, generation.message_id).await?;
        // A reply may have gone on since, with a generation of its own; how this one ended is in its own row.
        let latest = message.as_ref().is_some_and(|message| message.generation_id == Some(generation.id));
        let finish = message.as_ref().filter(|_| latest).and_then(|message| message.finish);
        let parts: Vec<Part> = message.map_or_else(Vec::new, |message| message.parts);
        // Nobody writes it any more: a row that still says so was left by a write that failed.
        let status = match generation.status {
            Status::Streaming => Status::Interrupted,
            ended => ended,
        };
        let last = generation.sequence.max(1).max(seen);
        events.push((last, StreamEvent::Snapshot(Snapshot { message_id: generation.message_id, parts })));
        events.push((last.saturating_add(1), StreamEvent::End(StreamEnd { status, finish })));
        Ok(Listener::replay(&events))
    }
}
