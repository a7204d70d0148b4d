//! Server-sent events as providers send them.
//!
//! The parser is `eventsource-stream`. Fed with raw bytes it panics on a byte order mark, loses an event that no blank
//! line ends, and takes time in the square of a long line or of a large chunk. The [`Guard`] in front of it takes the
//! bytes apart into lines so that none of this can happen.

mod guard;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use eventsource_stream::EventStream;
use futures_util::{Stream, StreamExt};

pub use guard::{EventTooLong, Guard, LINE_MAX};

/// Why no further event comes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError<E> {
    /// The bytes stopped coming.
    #[error("the transport failed")]
    Transport(E),
    /// One line, or the lines of one event, are longer than [`LINE_MAX`].
    #[error(transparent)]
    TooLong(#[from] EventTooLong),
    /// The parser refused a line, which none that the guard lets through should make it do.
    #[error("the stream is not made of server-sent events")]
    Malformed,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// Its `event` field; `message` where it has none.
    pub name: Cow<'static, str>,
    /// Its `data` lines.
    pub data: String,
}

/// The events in `bytes`, each as soon as it is complete. An error is the last item.
pub fn events<S, E>(bytes: S) -> Events<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    events_after(Bytes::new(), bytes)
}

/// The same, for bytes whose beginning has been read.
pub(crate) fn events_after<S, E>(first: Bytes, bytes: S) -> Events<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let inlet = Inlet::default();
    let parser = EventStream::new(inlet.clone());
    Events { lines: Guarded::new(first, bytes, Guard::new()), inlet, parser, parses: false, ended: false }
}

/// Events as they come.
///
/// Nearly every event is one line of data alone, which the guard gives out by itself. The others go through the parser.
pub struct Events<S, E> {
    lines: Guarded<S, E>,
    inlet: Inlet,
    parser: EventStream<Inlet>,
    /// The parser may have more events of the lines that it has.
    parses: bool,
    /// No more lines come.
    ended: bool,
}

impl<S, E> Stream for Events<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Unpin,
{
    type Item = Result<SseEvent, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { lines, inlet, parser, parses, ended } = &mut *self;
        loop {
            if *parses {
                match parser.poll_next_unpin(context) {
                    Poll::Ready(Some(Ok(event))) => {
                        return Poll::Ready(Some(Ok(SseEvent {
                            name: event.event.into(),
                            data: event.data,
                        })));
                    }
                    Poll::Ready(Some(Err(_refused))) => {
                        (*parses, *ended) = (false, true);
                        return Poll::Ready(Some(Err(SseError::Malformed)));
                    }
                    // The inlet never ends; it is empty.
                    Poll::Ready(None) | Poll::Pending => *parses = false,
                }
            }
            if *ended {
                return Poll::Ready(None);
            }
            if let Some(data) = lines.guard.next_plain_event() {
                return Poll::Ready(Some(Ok(SseEvent { name: Cow::Borrowed("message"), data })));
            }
            match lines.take_piece() {
                Some(Ok(piece)) => {
                    inlet.put(piece);
                    *parses = true;
                }
                Some(Err(error)) => {
                    *ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None if lines.has_ended() => *ended = true,
                None => ready!(lines.poll_feed(context)),
            }
        }
    }
}

/// What the parser reads next, if anything.
#[derive(Clone, Default)]
struct Inlet(Arc<Mutex<Option<String>>>);

impl Inlet {
    fn put(&self, piece: String) {
        *self.lock() = Some(piece);
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        // A string is whole or not there.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for Inlet {
    type Item = Result<String, Infallible>;

    /// Wakes nobody: [`Events`] polls the parser when it has put something here.
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.lock().take().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(piece))))
    }
}

/// The whole lines in bytes, in pieces, as a guard gives them out.
pub(crate) struct Guarded<S, E> {
    bytes: S,
    guard: Guard,
    failure: Option<E>,
    failed: bool,
}

impl<S, E> Guarded<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// The lines in `first` and then `bytes`.
    pub(crate) fn new(first: Bytes, bytes: S, mut guard: Guard) -> Self {
        guard.feed(first);
        Self { bytes, guard, failure: None, failed: false }
    }

    /// The next piece of the bytes that are here, or why there is none and never will be.
    fn take_piece(&mut self) -> Option<Result<String, SseError<E>>> {
        if self.failed {
            return None;
        }
        let next = match self.guard.next_piece() {
            Ok(Some(piece)) => return Some(Ok(piece)),
            Ok(None) => SseError::Transport(self.failure.take()?),
            Err(error) => error.into(),
        };
        self.failed = true;
        Some(Err(next))
    }

    fn has_ended(&self) -> bool {
        self.failed || self.guard.has_ended()
    }

    /// Waits for more bytes, for their end or for a failure, each of which [`Self::take_piece`] then tells of.
    fn poll_feed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match ready!(self.bytes.poll_next_unpin(context)) {
            Some(Ok(chunk)) => self.guard.feed(chunk),
            Some(Err(error)) => self.failure = Some(error),
            None => self.guard.end(),
        }
        Poll::Ready(())
    }
}

impl<S, E> Stream for Guarded<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Unpin,
{
    type Item = Result<String, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(piece) = self.take_piece() {
                return Poll::Ready(Some(piece));
            }
            if self.has_ended() {
                return Poll::Ready(None);
            }
            ready!(self.poll_feed(context));
        }
    }
}
