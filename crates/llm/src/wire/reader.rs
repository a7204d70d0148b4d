//! Turns a response's body into a stream of events.
//!
//! Every token passes all layers between the socket and the reply, so there are few of them; only the frames are
//! behind a `dyn` pointer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::time::{Sleep, sleep};

use super::{Decode, Framing, Progress, lines, refusal};
use crate::{
    Error, ErrorKind, Event,
    http::ERROR_BODY_MAX,
    sse::{self, SseError, SseEvent},
};

/// Maximum bytes of a reply that is not streamed: 16 MiB.
const WHOLE_MAX: usize = 16 * 1024 * 1024;

/// How long to wait for the usage after the model has finished, if the provider keeps the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(5);

/// Decodes the body of a response with status 200, in chunks of any size.
///
/// An error's detail is the provider's full message; [`Transport`](crate::transport::Transport) shortens it and
/// removes keys. The first character decides what the body is, because hosts and proxies often send a wrong content
/// type.
pub(crate) fn events<S, D>(body: S, decoder: D) -> Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode,
{
    Reader {
        body: Stage::Opening { body: Some(body), first: BytesMut::new() },
        decoder,
        after_finish: None,
        ready: Vec::new(),
        begun: false,
        outcome: None,
        ended: false,
    }
}

/// Reads a reply, one event at a time. An error is the last item.
pub(crate) struct Reader<S, D> {
    body: Stage<S>,
    decoder: D,
    /// Ends the wait for usage after the model's finish.
    after_finish: Option<Pin<Box<Sleep>>>,
    /// Decoded events that are not yet returned, in reverse order.
    ready: Vec<Event>,
    /// Part of the reply has arrived.
    begun: bool,
    /// How the reply ended, if it has.
    outcome: Option<Result<(), Error>>,
    ended: bool,
}

type Frames = Pin<Box<dyn Stream<Item = Result<SseEvent, SseError<Error>>> + Send>>;

/// How the body is read.
enum Stage<S> {
    /// The kind of the body is not known yet.
    Opening {
        body: Option<S>,
        first: BytesMut,
    },
    /// An HTML page, or a reply that is not streamed.
    Gathering {
        body: S,
        bytes: BytesMut,
        is_page: bool,
    },
    Streamed(Frames),
}

/// The first byte that is not white space.
fn start_of(bytes: &[u8]) -> Option<u8> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

impl<S, D> Stream for Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode + Unpin,
{
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop() {
                return Poll::Ready(Some(Ok(event)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            if let Some(outcome) = this.outcome.take() {
                this.ended = true;
                return Poll::Ready(outcome.err().map(Err));
            }
            let mut events = std::mem::take(&mut this.ready);
            let outcome = this.poll_advance(&mut events, context);
            this.begun |= !events.is_empty();
            events.reverse();
            this.ready = events;
            this.outcome = ready!(outcome);
        }
    }
}

impl<S, D> Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode,
{
    /// Reads more; returns the outcome at the end.
    fn poll_advance(
        &mut self,
        events: &mut Vec<Event>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        match &mut self.body {
            Stage::Streamed(_) => self.poll_frame(events, context),
            Stage::Gathering { body, bytes, is_page } => {
                let max = if *is_page { ERROR_BODY_MAX } else { WHOLE_MAX };
                if let Err(error) = ready!(poll_gather(body, bytes, max, context)) {
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(Some(if *is_page {
                    Err(refusal::page(bytes))
                } else {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    self.push_whole(&text, events)
                }))
            }
            Stage::Opening { body, first } => {
                let chunk = match body {
                    Some(body) => ready!(body.poll_next_unpin(context)).transpose(),
                    None => Ok(None),
                };
                match chunk {
                    Err(error) => return Poll::Ready(Some(Err(error))),
                    Ok(Some(chunk)) => {
                        first.extend_from_slice(&chunk);
                        if start_of(first).is_none() && first.len() <= ERROR_BODY_MAX {
                            return Poll::Ready(None);
                        }
                    }
                    Ok(None) => {}
                }
                if let Some(body) = body.take() {
                    self.body = open(body, std::mem::take(first), D::FRAMING);
                }
                Poll::Ready(None)
            }
        }
    }

    fn push_whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Error> {
        self.decoder.push_whole(body.trim_start_matches('\u{feff}').trim(), events)?;
        self.end(events)
    }

    fn poll_frame(
        &mut self,
        events: &mut Vec<Event>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        let progress = self.decoder.progress();
        let frame = match (&mut self.body, progress) {
            (Stage::Streamed(frames), Progress::Open) => ready!(frames.poll_next_unpin(context)),
            // The host neither closes the connection nor sends more: the reply is complete.
            (Stage::Streamed(frames), Progress::Finished) => match frames.poll_next_unpin(context) {
                Poll::Ready(frame) => {
                    self.after_finish = None;
                    frame
                }
                Poll::Pending => {
                    let patience = self.after_finish.get_or_insert_with(|| Box::pin(sleep(AFTER_FINISH)));
                    ready!(patience.as_mut().poll(context));
                    None
                }
            },
            _ => None,
        };
        let failure = match frame {
            None => return Poll::Ready(Some(self.end(events))),
            // The reply is complete, whatever happened to the connection afterwards.
            Some(Err(_)) if progress == Progress::Finished => return Poll::Ready(Some(self.end(events))),
            Some(Err(failure)) => self.explain(failure),
            Some(Ok(frame)) => match self.decoder.push(&frame.name, &frame.data, events) {
                Ok(()) => return Poll::Ready(None),
                Err(error) => error,
            },
        };
        self.decoder.flush(events);
        Poll::Ready(Some(Err(failure)))
    }

    fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        self.decoder.flush(events);
        self.decoder.end(events)
    }

    fn explain(&self, failure: SseError<Error>) -> Error {
        match failure {
            SseError::Transport(error) if error.kind == ErrorKind::Network && self.begun => {
                Error::new(ErrorKind::CutOff, error.detail)
            }
            SseError::Transport(error) => error,
            SseError::TooLong(error) => Error::new(ErrorKind::Protocol, error.to_string()),
            SseError::Malformed => Error::new(ErrorKind::Protocol, failure.to_string()),
        }
    }
}

/// Decides by its first bytes how a body is read.
fn open<S>(body: S, first: BytesMut, framing: Framing) -> Stage<S>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
{
    match (start_of(&first), framing) {
        (Some(b'<'), _) => Stage::Gathering { body, bytes: first, is_page: true },
        (Some(b'{' | b'['), Framing::Sse) => Stage::Gathering { body, bytes: first, is_page: false },
        (_, framing) => {
            let body = stream::iter([Ok(first.freeze())]).chain(body);
            Stage::Streamed(match framing {
                Framing::Sse => Box::pin(sse::events(body)),
                Framing::Lines => {
                    let lines = lines::lines(body);
                    Box::pin(lines.map_ok(|data| SseEvent { name: String::new(), data }))
                }
            })
        }
    }
}

/// Collects at most `max` bytes and ignores the rest.
fn poll_gather<S>(
    body: &mut S,
    bytes: &mut BytesMut,
    max: usize,
    context: &mut Context<'_>,
) -> Poll<Result<(), Error>>
where
    S: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    while bytes.len() < max {
        match ready!(body.poll_next_unpin(context)) {
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
            Some(Err(error)) => return Poll::Ready(Err(error)),
            None => return Poll::Ready(Ok(())),
        }
    }
    bytes.truncate(max);
    Poll::Ready(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_whole_reply_is_found_after_a_split_byte_order_mark() {
        let body = "\u{feff}{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        let pieces: Vec<_> =
            body.as_bytes().chunks(1).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let events: Vec<Event> = crate::openai::events(stream::iter(pieces)).try_collect().await.unwrap();
        assert_eq!(events.first(), Some(&Event::Text("Hi".to_owned())));
    }
}
