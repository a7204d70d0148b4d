//! State shared by the processes of one deployment: messages, counters, rate limits and cached values.
//!
//! [`Bus`] is the interface and [`LocalBus`] the implementation for a deployment with one process. Everything on the bus
//! is short-lived: it may be lost when a process ends, and what must survive belongs in the store.

mod local;
mod permit;
mod subscription;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use local::LocalBus;
pub use permit::Permit;
pub use subscription::{Missed, Subscription};

/// State shared by the processes of one deployment.
pub trait Bus: Send + Sync {
    /// Sends a message to every subscriber of a topic, in this process and in every other one. Never blocks. Each
    /// subscriber gets the messages of one publisher in order.
    fn publish(&self, topic: &str, message: Bytes);

    /// Subscribes to a topic. The subscription gets every message that is published after the future is ready.
    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Subscription>;

    /// Whether any process subscribes to a topic, to skip the work for a message that nobody would get.
    fn has_subscribers<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, bool>;

    /// Takes `count` permits, each of which counts towards every limit until it is dropped. Takes all of them or none.
    fn acquire<'a>(
        &'a self,
        limits: &'a [Limit],
        count: usize,
    ) -> BoxFuture<'a, Result<Vec<Permit>, OverLimit>>;

    /// Counts an attempt of `key`. An attempt over the quota is not counted; its error is the time to wait before the
    /// next one.
    fn attempt<'a>(&'a self, quota: &'a Quota, key: &'a str) -> BoxFuture<'a, Result<(), Duration>>;

    /// The value of a key, unless it has expired.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Bytes>>;

    /// Sets the value of a key for the duration `ttl`.
    fn put<'a>(&'a self, key: &'a str, value: Bytes, ttl: Duration) -> BoxFuture<'a, ()>;
}

/// The maximum number of permits that may be held for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The key.
    pub key: String,
    /// The maximum number of permits.
    pub max: usize,
}

/// A limit does not leave enough capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit does not leave enough capacity")]
pub struct OverLimit;

/// A rate limit for each key: a leaky bucket (GCRA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Tells quotas with the same keys apart.
    pub name: &'static str,
    /// How many attempts are allowed at once.
    pub burst: u32,
    /// How often another attempt is allowed after that.
    pub every: Duration,
}
