//! From a response's body to the stream of events.

use std::{collections::VecDeque, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::time::timeout;

use super::{Decode, Framing, Progress, lines, refusal};
use crate::{
    Error, ErrorKind, Event, EventStream,
    http::ERROR_BODY_MAX,
    sse::{self, SseError, SseEvent},
};

/// Most bytes of a reply that is not streamed: 16 MiB.
const WHOLE_MAX: usize = 16 * 1024 * 1024;

/// How long to wait for the cost once the model has finished, where the provider keeps the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(5);

type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;
type Frames = Pin<Box<dyn Stream<Item = Result<SseEvent, SseError<Error>>> + Send>>;

/// The events of a reply, given the body of a response with status 200, cut anywhere.
///
/// An error's detail is what the provider wrote, in full; [`Transport`](crate::transport::Transport) shortens it and
/// takes keys out. Hosts and proxies are wrong about the content type often enough that the first character decides what
/// the body is.
pub(crate) fn events<D: Decode>(
    body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    decoder: D,
) -> EventStream {
    Box::pin(stream::once(begin(Box::pin(body), decoder)).try_flatten())
}

async fn begin<D: Decode>(mut body: Body, decoder: D) -> Result<EventStream, Error> {
    let mut first = Vec::new();
    while let Some(chunk) = body.next().await {
        first.extend_from_slice(&chunk?);
        if start_of(&first).is_some() || first.len() > ERROR_BODY_MAX {
            break;
        }
    }
    let start = start_of(&first);
    let body: Body = Box::pin(stream::iter([Ok(Bytes::from(first))]).chain(body));
    match (start, D::FRAMING) {
        (Some(b'<'), _) => Err(refusal::page(&read(body, ERROR_BODY_MAX).await?)),
        (Some(b'{' | b'['), Framing::Sse) => whole(body, decoder).await,
        (_, Framing::Sse) => Ok(streamed(Box::pin(sse::events(body)), decoder)),
        (_, Framing::Lines) => {
            let frames = lines::lines(body).map_ok(|data| SseEvent { data, ..SseEvent::default() });
            Ok(streamed(Box::pin(frames), decoder))
        }
    }
}

/// The first byte that says something.
fn start_of(bytes: &[u8]) -> Option<u8> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

async fn whole<D: Decode>(body: Body, mut decoder: D) -> Result<EventStream, Error> {
    let body = read(body, WHOLE_MAX).await?;
    let text = String::from_utf8_lossy(&body);
    let mut events = Vec::new();
    decoder.push_whole(text.trim_start_matches('\u{feff}').trim(), &mut events)?;
    decoder.flush(&mut events);
    decoder.end(&mut events)?;
    Ok(Box::pin(stream::iter(events.into_iter().map(Ok))))
}

/// At most `max` bytes; the rest is left.
async fn read(mut body: Body, max: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() >= max {
            bytes.truncate(max);
            break;
        }
    }
    Ok(bytes)
}

fn streamed<D: Decode>(frames: Frames, decoder: D) -> EventStream {
    let reader =
        Reader { frames, decoder, ready: VecDeque::new(), decoded: Vec::new(), begun: false, outcome: None };
    Box::pin(stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|event| (event, reader)))
    }))
}

/// Reads a streamed reply, one event at a time.
struct Reader<D> {
    frames: Frames,
    decoder: D,
    /// Events that are decoded and not yet given out.
    ready: VecDeque<Event>,
    /// Where the decoder puts them; empty but for its room.
    decoded: Vec<Event>,
    /// Something of the reply has come.
    begun: bool,
    /// How the reply ended, once it has.
    outcome: Option<Result<(), Error>>,
}

impl<D: Decode> Reader<D> {
    async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if let Some(outcome) = self.outcome.take() {
                return outcome.map(|()| None);
            }
            let mut events = std::mem::take(&mut self.decoded);
            self.outcome = self.advance(&mut events).await;
            self.begun |= !events.is_empty();
            self.ready.extend(events.drain(..));
            self.decoded = events;
        }
    }

    /// Reads on; returns the outcome once there is one.
    async fn advance(&mut self, events: &mut Vec<Event>) -> Option<Result<(), Error>> {
        let progress = self.decoder.progress();
        let frame = match progress {
            Progress::Done => None,
            // A host that neither closes nor says that it is done has nothing left to say.
            Progress::Finished => timeout(AFTER_FINISH, self.frames.next()).await.unwrap_or(None),
            Progress::Open => self.frames.next().await,
        };
        let failure = match frame {
            None => return Some(self.end(events)),
            // The reply is whole, whatever happened to the connection afterwards.
            Some(Err(_)) if progress == Progress::Finished => return Some(self.end(events)),
            Some(Err(failure)) => self.explain(failure),
            Some(Ok(frame)) => match self.decoder.push(&frame.name, &frame.data, events) {
                Ok(()) => return None,
                Err(error) => error,
            },
        };
        self.decoder.flush(events);
        Some(Err(failure))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_byte_order_mark_that_comes_in_pieces_hides_no_whole_reply() {
        let body = "\u{feff}{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        let pieces: Vec<_> =
            body.as_bytes().chunks(1).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let events: Vec<Event> = crate::openai::events(stream::iter(pieces)).try_collect().await.unwrap();
        assert_eq!(events.first(), Some(&Event::Text("Hi".to_owned())));
    }
}
