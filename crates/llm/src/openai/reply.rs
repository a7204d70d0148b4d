//! From a response's body to the stream of events.

use std::{collections::VecDeque, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::time::timeout;

use super::{decode::Decoder, error};
use crate::{
    Error, ErrorKind, Event, EventStream,
    http::ERROR_BODY_MAX,
    sse::{self, SseError},
};

/// Most bytes of a reply that is not streamed: 16 MiB.
const WHOLE_MAX: usize = 16 * 1024 * 1024;

/// How long to wait for the cost once the model has finished, where the provider keeps the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(5);

type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;
type Data = Pin<Box<dyn Stream<Item = Result<String, SseError<Error>>> + Send>>;

/// The events of a reply, given the body of a response with status 200, cut anywhere.
///
/// An error's detail is what the provider wrote, in full; [`OpenAi`](super::OpenAi) shortens it and takes keys out.
/// Hosts and proxies are wrong about the content type often enough that the first character decides what the body is.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(stream::once(begin(Box::pin(body))).try_flatten())
}

async fn begin(mut body: Body) -> Result<EventStream, Error> {
    let mut first = Vec::new();
    while let Some(chunk) = body.next().await {
        first.extend_from_slice(&chunk?);
        if start_of(&first).is_some() || first.len() > ERROR_BODY_MAX {
            break;
        }
    }
    let start = start_of(&first);
    let body: Body = Box::pin(stream::iter([Ok(Bytes::from(first))]).chain(body));
    match start {
        Some(b'{' | b'[') => whole(body).await,
        Some(b'<') => Err(error::page(&read(body, ERROR_BODY_MAX).await?)),
        _ => Ok(streamed(body)),
    }
}

/// The first byte that says something.
fn start_of(bytes: &[u8]) -> Option<u8> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

async fn whole(body: Body) -> Result<EventStream, Error> {
    let body = read(body, WHOLE_MAX).await?;
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    decoder.push_whole(&body, &mut events)?;
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

fn streamed(body: Body) -> EventStream {
    let reader = Reader {
        data: Box::pin(sse::events(body)),
        decoder: Decoder::default(),
        ready: VecDeque::new(),
        outcome: None,
    };
    Box::pin(stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|event| (event, reader)))
    }))
}

/// Reads a streamed reply, one event at a time.
struct Reader {
    data: Data,
    decoder: Decoder,
    /// Events that are decoded and not yet given out.
    ready: VecDeque<Event>,
    /// How the reply ended, once it has.
    outcome: Option<Result<(), Error>>,
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if let Some(outcome) = self.outcome.take() {
                return outcome.map(|()| None);
            }
            let mut events = Vec::new();
            self.outcome = self.advance(&mut events).await;
            self.ready.extend(events);
        }
    }

    /// Reads on; returns the outcome once there is one.
    async fn advance(&mut self, events: &mut Vec<Event>) -> Option<Result<(), Error>> {
        if self.decoder.is_done() {
            return Some(self.decoder.end(events));
        }
        let data = if self.decoder.is_finished() {
            // A host that neither closes nor says [DONE] has nothing left to say.
            timeout(AFTER_FINISH, self.data.next()).await.unwrap_or(None)
        } else {
            self.data.next().await
        };
        let failure = match data {
            None => return Some(self.decoder.end(events)),
            // The reply is whole, whatever happened to the connection afterwards.
            Some(Err(_)) if self.decoder.is_finished() => return Some(self.decoder.end(events)),
            Some(Err(failure)) => self.explain(failure),
            Some(Ok(data)) => match self.decoder.push(&data, events) {
                Ok(()) => return None,
                Err(error) => error,
            },
        };
        self.decoder.flush(events);
        Some(Err(failure))
    }

    fn explain(&self, failure: SseError<Error>) -> Error {
        match failure {
            SseError::Transport(error) if error.kind == ErrorKind::Network && self.decoder.has_begun() => {
                Error::new(ErrorKind::CutOff, error.detail)
            }
            SseError::Transport(error) => error,
            SseError::TooLong(error) => Error::new(ErrorKind::Protocol, error.to_string()),
            SseError::Malformed => Error::new(ErrorKind::Protocol, failure.to_string()),
        }
    }
}
