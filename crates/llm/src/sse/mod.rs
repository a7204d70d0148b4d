//! Server-sent events as providers send them.
//!
//! The parser is `eventsource-stream`. On its own it panics on a byte order mark, loses an event that no blank line
//! ends, and takes quadratic time for a large chunk or a long line. The [`guard`] in front of it rules these out.

mod guard;
#[cfg(test)]
mod tests;

use std::{
    future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use eventsource_stream::{EventStream, EventStreamError};
use futures_util::{Stream, StreamExt};

pub use guard::{EventTooLong, LINE_MAX};

pub(crate) use guard::Guard;

/// Why no further event comes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError<E> {
    /// The bytes stopped coming.
    #[error("the transport failed")]
    Transport(E),
    /// One line, or the lines of one event, are longer than [`LINE_MAX`].
    #[error(transparent)]
    TooLong(#[from] EventTooLong),
    /// The parser refused a line, which the guard should have ruled out.
    #[error("the stream is not made of server-sent events")]
    Malformed,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// Its `event` field; `message` where it has none.
    pub name: String,
    /// Its `data` lines.
    pub data: String,
}

/// The events in `bytes`, each as soon as it is complete. An error is the last item.
pub fn events<S, E>(bytes: S) -> impl Stream<Item = Result<SseEvent, SseError<E>>> + use<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let events = EventStream::new(Pieces::new(bytes, Guard::default())).map(|event| match event {
        Ok(event) => Ok(SseEvent { name: event.event, data: event.data }),
        Err(EventStreamError::Transport(error)) => Err(error),
        Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_)) => Err(SseError::Malformed),
    });
    events.scan(false, |failed, event| {
        let item = (!*failed).then_some(event);
        *failed = matches!(item, Some(Err(_)));
        future::ready(item)
    })
}

/// Pieces of whole lines, as a [`Guard`] makes them of a stream of bytes. An error is the last item.
pub(crate) struct Pieces<S, E> {
    bytes: S,
    guard: Guard,
    failure: Option<SseError<E>>,
    ended: bool,
}

impl<S, E> Pieces<S, E> {
    /// The pieces of `bytes`.
    pub(crate) fn new(bytes: S, guard: Guard) -> Self {
        Self { bytes, guard, failure: None, ended: false }
    }
}

impl<S: Unpin, E> Unpin for Pieces<S, E> {}

impl<S, E> Stream for Pieces<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<String, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(piece) = self.guard.next_piece() {
                return Poll::Ready(Some(Ok(piece)));
            }
            if let Some(failure) = self.failure.take() {
                return Poll::Ready(Some(Err(failure)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.bytes.poll_next_unpin(context)) {
                Some(Ok(chunk)) => self.failure = self.guard.push(&chunk).err().map(SseError::TooLong),
                Some(Err(error)) => self.failure = Some(SseError::Transport(error)),
                None => {
                    self.guard.finish();
                    self.ended = true;
                }
            }
            self.ended |= self.failure.is_some();
        }
    }
}
