//! Server-sent events as providers send them.
//!
//! The parser is `eventsource-stream`. Fed with raw bytes it panics on a byte order mark, loses an event that no blank
//! line ends, and takes time in the square of a long line or of a large chunk. The [`Guard`] in front of it takes the
//! bytes apart into lines so that none of this can happen.

mod guard;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::{Stream, StreamExt, stream};

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its `event` field; `message` where it has none.
    pub name: String,
    /// Its `data` lines.
    pub data: String,
}

/// The events in `bytes`, each as soon as it is complete. An error is the last item.
pub fn events<S, E>(bytes: S) -> impl Stream<Item = Result<SseEvent, SseError<E>>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
    E: Send,
{
    guarded(bytes, Guard::new()).eventsource().map(|event| match event {
        Ok(event) => Ok(SseEvent { name: event.event, data: event.data }),
        Err(EventStreamError::Transport(error)) => Err(error),
        Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_)) => Err(SseError::Malformed),
    })
}

/// The whole lines in `bytes`, in pieces, as `guard` gives them out.
pub(crate) fn guarded<S, E>(bytes: S, guard: Guard) -> impl Stream<Item = Result<String, SseError<E>>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
    E: Send,
{
    stream::try_unfold((bytes, guard), |(mut bytes, mut guard)| async move {
        loop {
            if let Some(piece) = guard.next_piece()? {
                return Ok(Some((piece, (bytes, guard))));
            }
            if guard.has_ended() {
                return Ok(None);
            }
            match bytes.next().await {
                Some(Ok(chunk)) => guard.feed(chunk),
                Some(Err(error)) => return Err(SseError::Transport(error)),
                None => guard.end(),
            }
        }
    })
}
