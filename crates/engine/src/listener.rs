//! A reader of a generation: server-sent events as bytes, heartbeats included.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use kaiwa_shared::{sse, stream::StreamEvent};
use tokio::time::Instant;

use crate::live::{Live, Read};

/// How long a connection may be silent before a comment line finds out whether its reader is still there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// Server-sent events of one generation, from one position on. Ends after `end`.
pub struct Listener(Pin<Box<dyn Stream<Item = Bytes> + Send>>);

impl Listener {
    /// Follows a running reply from after the event `seen`; `None` begins with a snapshot.
    pub(crate) fn live(live: Arc<Live>, seen: Option<u64>) -> Self {
        Self(Box::pin(stream::unfold((live, seen), |(live, seen)| async move {
            let (bytes, seen) = next(&live, seen).await?;
            Some((bytes, (live, seen)))
        })))
    }

    /// Follows a running reply for a client that has sent its message again: `created` first, whatever the log still
    /// holds.
    pub(crate) fn repeat(live: Arc<Live>, created: &StreamEvent) -> Self {
        let first = Self::replay(&[(1, created.clone())]);
        Self(Box::pin(first.chain(Self::live(live, Some(1)))))
    }

    /// Tells what has already happened.
    pub(crate) fn replay(events: &[(u64, StreamEvent)]) -> Self {
        let frames: Vec<Bytes> = events
            .iter()
            .filter_map(|(sequence, event)| sse::encode(*sequence, event).ok().map(Bytes::from))
            .collect();
        Self(Box::pin(stream::iter(frames)))
    }
}

impl Stream for Listener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.as_mut().poll_next(context)
    }
}

async fn next(live: &Live, seen: Option<u64>) -> Option<(Bytes, Option<u64>)> {
    let silent_until = Instant::now() + HEARTBEAT_EVERY;
    loop {
        // Registered before the look, so that an event between the look and the wait is not missed.
        let changed = live.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match live.read(seen) {
            Read::Events(bytes, seen) => return Some((bytes, Some(seen))),
            Read::End => return None,
            Read::Wait => {}
        }
        if tokio::time::timeout_at(silent_until, changed).await.is_err() {
            return Some((Bytes::from_static(sse::HEARTBEAT), seen));
        }
    }
}
