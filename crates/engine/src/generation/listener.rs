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

use super::live::{Live, ReadPosition};
use crate::event_log;

/// The server-sent events of one generation from one position on. Ends after `end`.
pub struct Listener(Events);

enum Events {
    Live(BoxStream<'static, Bytes>),
    /// All of them.
    Stored(Bytes),
}

impl Listener {
    /// Follows a running reply from after the event `seen`; `None` begins with a snapshot.
    pub(crate) fn live(live: Arc<Live>, seen: Option<u64>) -> Self {
        let position = ReadPosition::after(seen);
        let events = stream::unfold((live, position), |(live, mut position)| async move {
            let bytes = event_log::next(live.changed(), || live.read(&mut position)).await?;
            Some((bytes, (live, position)))
        });
        Self(Events::Live(events.boxed()))
    }

    /// Follows a running reply for a client that sent the request for it: `created` first, even if the log no longer
    /// has it.
    pub(crate) fn created(live: Arc<Live>, created: &StreamEvent) -> Self {
        let first = encode(&[(1, created.clone())]);
        let rest = Self::live(live, Some(1));
        Self(Events::Live(stream::iter([first]).chain(rest).boxed()))
    }

    /// Sends these numbered events.
    pub(crate) fn replay(events: &[(u64, StreamEvent)]) -> Self {
        Self(Events::Stored(encode(events)))
    }

    /// All of the events, if the generation has ended.
    ///
    /// # Errors
    ///
    /// The listener, if the generation is running.
    pub fn stored(self) -> Result<Bytes, Self> {
        match self.0 {
            Events::Stored(events) => Ok(events),
            live @ Events::Live(_) => Err(Self(live)),
        }
    }
}

fn encode(events: &[(u64, StreamEvent)]) -> Bytes {
    let frames = events.iter().filter_map(|(sequence, event)| sse::encode(*sequence, event).ok());
    frames.flatten().collect()
}

impl Stream for Listener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.0 {
            Events::Live(events) => events.poll_next_unpin(context),
            Events::Stored(events) => {
                let events = std::mem::take(events);
                Poll::Ready((!events.is_empty()).then_some(events))
            }
        }
    }
}
