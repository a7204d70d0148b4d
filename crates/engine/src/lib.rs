//! A generation, from the user's message to the stored reply.
//!
//! [`Engine::send`] stores the user's message and the empty reply, starts a detached task that asks the model, and
//! gives the caller a [`Listener`]: the first of any number of readers. The task writes into a live reply, which
//! numbers and encodes each event once; a listener is a position in that log. Nothing here knows HTTP, and no
//! generation needs a listener: a reply goes on when its readers are gone and ends only by itself, by
//! [`Engine::stop`], or when the process does.
//!
//! To add something that happens during a generation, give it an event in `kaiwa_shared::stream` and publish it from
//! `run`; to add something that is sent to the model, look into `context`.

mod ask;
mod catalog;
mod checkpoint;
mod context;
mod continuation;
mod error;
mod failure;
mod history;
mod hub;
mod job;
mod limits;
mod listener;
mod live;
mod reply;
mod retry;
mod run;
mod titles;
mod tokens;
mod told;

use std::{sync::Arc, time::Duration};

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, UserId,
    message::{Part, Status},
    stream::{SendMessage, StreamEvent},
    time::Clock,
};
use kaiwa_store::{
    Store,
    entities::{Generation, NewTurn, Turn, TurnOutcome},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use catalog::{Catalog, Offer};
pub use error::SendError;
pub use listener::Listener;

use hub::Hub;
use job::{History, Job};
use limits::Gate;
use live::{Live, LiveIds};

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

    /// Stores a user's message and starts the reply to it.
    ///
    /// When it returns, the message is committed. The same `client_message_id` again gives a listener on what the
    /// first one started, whether that still runs or has ended.
    pub async fn send(&self, owner: UserId, message: SendMessage) -> Result<Listener, SendError> {
        if self.0.closing.is_cancelled() {
            return Err(SendError::ShuttingDown);
        }
        let offer = self.choose_model(owner, &message).await?;
        let permit = self.limits().try_take(owner, 1)?.pop();
        let ids = LiveIds {
            generation: GenerationId::new(),
            reply: MessageId::new(),
            user_message: MessageId::new(),
            conversation: message.conversation_id.unwrap_or_else(ConversationId::new),
            owner,
            temporary: false,
        };
        // The live reply is known to the hub before the row is, so that a repeat which finds the row finds the reply.
        let live = Arc::new(Live::new(ids, self.0.deadline.child_token()));
        let entry = self.0.hub.insert(Arc::clone(&live));
        let turn = self.store_turn(&live, &message, &offer).await?;
        match turn {
            TurnOutcome::Started(turn) => {
                live.publish(&created(&turn));
                let job = Job {
                    offer,
                    options: message.options,
                    history: History::Branch,
                    untitled: turn.untitled,
                    permit,
                };
                self.0.tasks.spawn(run::run(self.clone(), entry, job));
                Ok(Listener::live(live, Some(0)))
            }
            TurnOutcome::Repeated(turn) => self.repeat(owner, &turn).await,
            TurnOutcome::NoConversation => Err(SendError::ConversationNotFound),
            TurnOutcome::NoParent => Err(SendError::ParentNotFound),
            TurnOutcome::Busy(running) => Err(SendError::Busy(running)),
        }
    }

    /// Listens to a generation of this owner from after the event `after`, or from a snapshot of what there is.
    /// `None` if there is no such generation.
    pub async fn attach(
        &self,
        owner: UserId,
        id: GenerationId,
        after: Option<u64>,
    ) -> kaiwa_store::Result<Option<Listener>> {
        if let Some(live) = self.0.hub.find(owner, id) {
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
        if let Some(live) = self.0.hub.find(owner, id) {
            live.stop();
            return Ok(true);
        }
        Ok(self.0.store.generations().find(owner, id).await?.is_some())
    }

    /// Stops whatever runs in a conversation that is being deleted.
    pub fn abandon(&self, conversation: ConversationId) {
        for live in self.0.hub.all().iter().filter(|live| live.ids().conversation == conversation) {
            live.stop();
        }
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
    }

    async fn choose_model(&self, owner: UserId, message: &SendMessage) -> Result<Offer, SendError> {
        let named = match (&message.model, message.conversation_id) {
            (Some(model), _) => Some(model.clone()),
            (None, Some(id)) => {
                let conversation = self.0.store.conversations().find(owner, id).await?;
                conversation.ok_or(SendError::ConversationNotFound)?.model
            }
            (None, None) => None,
        };
        match named {
            None => Ok(self.0.catalog.default_offer()),
            Some(id) => self.0.catalog.find(&id).ok_or(SendError::ModelNotFound(id)),
        }
    }

    async fn store_turn(
        &self,
        live: &Live,
        message: &SendMessage,
        offer: &Offer,
    ) -> kaiwa_store::Result<TurnOutcome> {
        let ids = live.ids();
        let turn = NewTurn {
            owner: ids.owner,
            conversation_id: message.conversation_id,
            new_conversation_id: ids.conversation,
            parent_id: message.parent_id,
            client_message_id: message.client_message_id,
            user_message_id: ids.user_message,
            content: message.content.clone(),
            reply_id: ids.reply,
            generation_id: ids.generation,
            model: offer.model.id.clone(),
            now: self.0.clock.now(),
        };
        self.0.store.generations().start(turn).await
    }

    async fn repeat(&self, owner: UserId, turn: &Turn) -> Result<Listener, SendError> {
        if let Some(live) = self.0.hub.find(owner, turn.generation_id) {
            return Ok(Listener::repeat(live, &created(turn)));
        }
        match self.0.store.generations().find(owner, turn.generation_id).await? {
            Some(generation) => Ok(self.ended(owner, &generation, 0, vec![(1, created(turn))]).await?),
            // Deleted between the two statements.
            None => Err(SendError::ConversationNotFound),
        }
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
        let finish = message.as_ref().and_then(|message| message.finish);
        let (parts, status): (Vec<Part>, Status) =
            message.map_or((Vec::new(), Status::Interrupted), |message| (message.parts, message.status));
        // Nobody writes it any more: a row that still says so was left by a write that failed.
        let status = if status == Status::Streaming { Status::Interrupted } else { status };
        let last = generation.sequence.max(1).max(seen);
        events.push((last, StreamEvent::Snapshot { message_id: generation.message_id, parts }));
        events.push((last.saturating_add(1), StreamEvent::End { status, finish }));
        Ok(Listener::replay(&events))
    }
}

fn created(turn: &Turn) -> StreamEvent {
    StreamEvent::Created {
        conversation_id: turn.conversation_id,
        user_message_id: turn.user_message_id,
        message_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: String::new(),
        beside: Vec::new(),
    }
}
