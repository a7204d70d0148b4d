//! The messages of a topic that a subscriber has not read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::local::topics::Topics;

/// Maximum size of the messages that a subscriber has not read.
pub(crate) const MAX_UNREAD_BYTES: usize = 64 * 1024;

/// Maximum number of messages that a subscriber has not read.
const MAX_UNREAD: usize = 1024;

/// The subscriber was too slow, and messages were dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subscriber was too slow, and messages were dropped")]
pub struct Missed;

/// A subscription to a topic. Dropping it ends the subscription.
pub struct Subscription {
    topics: Topics,
    topic: String,
    unread: Arc<Unread>,
}

/// The unread messages of one subscription.
#[derive(Default)]
pub(crate) struct Unread {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    messages: Vec<Bytes>,
    bytes: usize,
    has_missed: bool,
}

impl Subscription {
    pub(crate) fn new(topics: Topics, topic: &str, unread: Arc<Unread>) -> Self {
        Self { topics, topic: topic.to_owned(), unread }
    }

    /// Waits for messages and returns all unread ones. Nothing is lost if the future is dropped.
    ///
    /// # Errors
    ///
    /// [`Missed`] once after messages were dropped; the subscription continues with the messages published after that.
    pub async fn next(&mut self) -> Result<Vec<Bytes>, Missed> {
        loop {
            if let Some(read) = self.unread.read() {
                return read;
            }
            self.unread.changed.notified().await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topics.unsubscribe(&self.topic, &self.unread);
    }
}

impl Unread {
    pub(crate) fn push(&self, message: Bytes) {
        {
            let mut state = self.lock();
            if state.has_missed {
                return;
            }
            state.bytes += message.len();
            state.messages.push(message);
            // A single message is kept, however large.
            let count = state.messages.len();
            if count > MAX_UNREAD || (count > 1 && state.bytes > MAX_UNREAD_BYTES) {
                *state = State { has_missed: true, ..State::default() };
            }
        }
        self.changed.notify_one();
    }

    fn read(&self) -> Option<Result<Vec<Bytes>, Missed>> {
        let State { messages, has_missed, .. } = std::mem::take(&mut *self.lock());
        if has_missed {
            return Some(Err(Missed));
        }
        (!messages.is_empty()).then_some(Ok(messages))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is complete before the lock is released.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
