//! The end of a session, for its open streams.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, Waker},
};

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::cache::Entry;

/// Completes when a session is closed, or when the token that it was opened with expires.
pub(crate) struct Ending {
    entry: Arc<Entry>,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
    expired: Pin<Box<Sleep>>,
    /// The waker that is registered with both. Registering takes a lock that all streams of the session share, so it is
    /// done once and not per event.
    registered: Option<Waker>,
}

impl Ending {
    pub(super) fn new(entry: Arc<Entry>, token_expires_at: Instant) -> Self {
        // The session is looked up regularly while it has streams.
        entry.streams.fetch_add(1, Ordering::Relaxed);
        let closed = Box::pin(entry.closed.clone().cancelled_owned());
        Self { entry, closed, expired: Box::pin(sleep_until(token_expires_at)), registered: None }
    }

    /// Whether the session has ended. If not, the task is woken when it ends.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let waker = context.waker();
        let is_over = if self.registered.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
            self.entry.closed.is_cancelled() || self.expired.is_elapsed()
        } else {
            self.registered = Some(waker.clone());
            let closed = self.closed.as_mut().poll(context).is_ready();
            self.expired.as_mut().poll(context).is_ready() || closed
        };
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.entry.streams.fetch_sub(1, Ordering::Relaxed);
    }
}
