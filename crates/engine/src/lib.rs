//! The engine: from the user's message to the stored reply.
//!
//! [`Conversations::send`] stores the user's message and the empty reply, starts a detached task that asks the model, and
//! returns a [`Listener`], the first of any number of readers. The task writes into a live reply, whose events are
//! numbered in a log; a listener is a position in that log. Nothing here knows HTTP, and no generation needs a listener: a
//! reply continues when its readers are gone and ends by itself, by [`Generations::stop`], or when the process ends.
//!
//! `conversation` is what can be done with a conversation, `generation` is how a reply is written. To add something that
//! happens during a generation, add an event to `kaiwa_shared::stream` and publish it from `generation/run`; to add
//! something that is sent to the model, start at `generation/context`.

mod catalog;
mod conversation;
mod error;
mod event_log;
mod generation;
mod services;

use std::{sync::Arc, time::Duration};

use kaiwa_bus::Bus;
use kaiwa_shared::{RunnerId, model::Models, time::Clock};
use kaiwa_store::Store;

pub use catalog::{Catalog, Choices, Offer};
pub use conversation::{
    Conversations, Sent,
    feed::{Feed, FeedListener},
};
pub use error::{CannotRead, SendError, Unreadable};
pub use generation::{Generations, failure::to_problem, listener::Listener, pictures::PictureStore};
pub use services::Files;

use services::Services;

/// What a deployment can configure about generations.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tokens of history that are sent if the model's window is unknown.
    pub context_tokens: usize,
    /// `false` asks providers for whole replies (`STREAM_RESPONSE=false`).
    pub stream: bool,
    /// Limits on running replies.
    pub limits: Limits,
    /// Whether a reply that broke off is continued automatically, by the model's first fallback if it has one
    /// (`AUTO_CONTINUE=true`).
    pub auto_continue: bool,
}

/// Limits on running replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of running replies of one account.
    pub per_user: usize,
    /// Maximum number of running replies of all accounts.
    pub global: usize,
    /// Maximum size of one reply in bytes, reasoning and tool calls included.
    pub reply_bytes: usize,
    /// Maximum duration of one reply.
    pub reply_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_user: 8, global: 2000, reply_bytes: 4 * 1024 * 1024, reply_time: Duration::from_hours(1) }
    }
}

/// The engine of this process. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    services: Arc<Services>,
    generations: Generations,
    conversations: Conversations,
    feed: Feed,
}

impl Engine {
    /// An engine over a migrated store and its files, in the process `runner`. Engines on one store share one bus.
    pub async fn new(
        store: Store,
        files: Files,
        catalog: Catalog,
        clock: Arc<dyn Clock>,
        runner: RunnerId,
        bus: Arc<dyn Bus>,
        options: Options,
    ) -> Self {
        let feed = Feed::new(Arc::clone(&bus));
        let services = Arc::new(Services { store, files, catalog, clock, bus, options, runner });
        let generations = Generations::new(Arc::clone(&services)).await;
        let conversations = Conversations::new(Arc::clone(&services), generations.clone(), feed.clone());
        Self { services, generations, conversations, feed }
    }

    /// Takes the lease on this process's generations and keeps renewing it. Marks the replies of `predecessor`, whose
    /// process is known to have ended, and of every process without a lease as interrupted; returns their number. Call
    /// it once, before the first request.
    pub async fn start(&self, predecessor: Option<RunnerId>) -> kaiwa_store::Result<u64> {
        self.generations.take_lease(predecessor).await
    }

    /// Conversations.
    pub fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    /// Generations.
    pub fn generations(&self) -> &Generations {
        &self.generations
    }

    /// The feed of every open page.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The models that can be chosen.
    pub fn catalog(&self) -> &Catalog {
        &self.services.catalog
    }

    /// The models that can be chosen, as clients see them.
    pub fn models(&self) -> Models {
        let unknown_window = u64::try_from(self.services.options.context_tokens).unwrap_or(u64::MAX);
        Models { unknown_window, ..self.catalog().models() }
    }

    /// Refuses new messages, lets running replies end within `grace`, then interrupts them. When it returns, every
    /// listener has its `end` and every reply is stored.
    pub async fn shut_down(&self, grace: Duration) {
        self.generations.shut_down(grace).await;
        self.feed.close();
    }
}
