//! A reader of a generation: its server-sent events as bytes, heartbeats included.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use kaiwa_shared::{sse, stream::StreamEvent};

use super::live::Live;
use crate::event_log;

/// The server-sent events of one generation from one position on. Ends after `end`.
pub struct Listener(BoxStream<'static, Bytes>);

impl Listener {
    /// Follows a running reply from after the event `seen`; `None` begins with a snapshot.
    pub(crate) fn live(live: Arc<Live>, seen: Option<u64>) -> Self {
        let events = stream::unfold((live, seen), |(live, mut seen)| async move {
            let bytes = event_log::next(live.changed(), || live.read(&mut seen)).await?;
            Some((bytes, (live, seen)))
        });
        Self(events.boxed())
    }

    /// Follows a running reply for a client that sent the request for it: `created` first, even if the log no longer
    /// has it.
    pub(crate) fn created(live: Arc<Live>, created: &StreamEvent) -> Self {
        let Self(first) = Self::replay(&[(1, created.clone())]);
        let Self(rest) = Self::live(live, Some(1));
        Self(first.chain(rest).boxed())
    }

    /// Sends these numbered events.
    pub(crate) fn replay(events: &[(u64, StreamEvent)]) -> Self {
        let frames: Vec<Bytes> = events
            .iter()
            .filter_map(|(sequence, event)| sse::encode(*sequence, event).ok().map(Bytes::from))
            .collect();
        Self(stream::iter(frames).boxed())
    }
}

impl Stream for Listener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_next_unpin(context)
    }
}
