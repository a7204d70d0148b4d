//! The bus of a deployment with one process.

mod counters;
mod quotas;
pub(crate) mod topics;
mod values;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, ready},
};

use crate::{Bus, Limit, OverLimit, Permit, Quota, Subscription};
use counters::Counters;
use quotas::Quotas;
use topics::Topics;
use values::Values;

/// A bus inside this process.
#[derive(Default)]
pub struct LocalBus {
    topics: Topics,
    counters: Counters,
    quotas: Quotas,
    values: Values,
}

impl LocalBus {
    /// A bus without subscribers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Bus for LocalBus {
    fn publish(&self, topic: &str, message: Bytes) {
        self.topics.publish(topic, &message);
    }

    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Subscription> {
        ready(self.topics.subscribe(topic)).boxed()
    }

    fn has_subscribers<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, bool> {
        ready(self.topics.has_subscribers(topic)).boxed()
    }

    fn acquire<'a>(
        &'a self,
        limits: &'a [Limit],
        count: usize,
    ) -> BoxFuture<'a, Result<Vec<Permit>, OverLimit>> {
        ready(self.counters.acquire(limits, count)).boxed()
    }

    fn attempt<'a>(&'a self, quota: &'a Quota, key: &'a str) -> BoxFuture<'a, Result<(), Duration>> {
        ready(self.quotas.attempt(quota, key)).boxed()
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Bytes>> {
        ready(self.values.get(key)).boxed()
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, ttl: Duration) -> BoxFuture<'a, ()> {
        self.values.put(key, value, ttl);
        ready(()).boxed()
    }
}
