//! Response bodies with a size limit and an idle timeout.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::{Instant, Sleep};

use crate::{Error, Wait, inflate::Inflate};

/// The head of a response. [`Response::into_body`] and [`Response::read`] read its body with limits.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
    idle_timeout: Duration,
    body_max: u64,
}

impl Response {
    pub(crate) fn new(inner: reqwest::Response, idle_timeout: Duration, body_max: u64) -> Self {
        Self { inner, idle_timeout, body_max }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// The body as it arrives.
    pub fn into_body(self) -> Body {
        let inflate = Inflate::of(self.inner.headers());
        let (inflate, failure) = match inflate {
            Ok(inflate) => (inflate, None),
            Err(error) => (None, Some(error)),
        };
        Body {
            chunks: Box::pin(self.inner.bytes_stream()),
            inflate,
            failure,
            ended: false,
            idle_timeout: self.idle_timeout,
            silence: Box::pin(tokio::time::sleep(self.idle_timeout)),
            alarm: None,
            waiting_since: None,
            seen: 0,
            max: self.body_max,
        }
    }

    /// The whole body, if it has at most `max` bytes and arrives within `limit`.
    pub async fn read(mut self, max: u64, limit: Duration) -> Result<Vec<u8>, Error> {
        self.body_max = self.body_max.min(max);
        let mut body = self.into_body();
        let mut whole = Vec::new();
        let read = async {
            while let Some(piece) = body.next().await {
                whole.extend_from_slice(&piece?);
            }
            Ok(())
        };
        tokio::time::timeout(limit, read).await.unwrap_or(Err(Error::Timeout { wait: Wait::End, limit }))?;
        Ok(whole)
    }

    /// As much of the body as arrives within `limit` and fits into `max` bytes, for error messages.
    pub async fn read_some(self, max: usize, limit: Duration) -> Vec<u8> {
        let mut body = self.into_body();
        let mut some = Vec::new();
        let read = async {
            while let Some(Ok(piece)) = body.next().await {
                let room = max - some.len();
                some.extend_from_slice(piece.get(..room).unwrap_or(&piece));
                if some.len() == max {
                    return;
                }
            }
        };
        // The part that has arrived is enough for the error message.
        let _ = tokio::time::timeout(limit, read).await;
        some
    }
}

/// A body as it arrives. An error is the last item. Dropping it closes the connection or, in HTTP/2, the stream.
pub struct Body {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    inflate: Option<Inflate>,
    /// An error from before the first read.
    failure: Option<Error>,
    ended: bool,
    idle_timeout: Duration,
    silence: Pin<Box<Sleep>>,
    /// The idle timer.
    alarm: Option<(Instant, Waker)>,
    /// When the wait for the next chunk began.
    waiting_since: Option<Instant>,
    /// Decoded bytes so far.
    seen: u64,
    max: u64,
}

impl Body {
    fn count(&mut self, piece: Bytes) -> Result<Bytes, Error> {
        self.seen = self.seen.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.seen > self.max { Err(Error::TooLong(self.max)) } else { Ok(piece) }
    }

    /// The next decoded chunk, or `None` if the decoder needs more input.
    fn decoded(&mut self) -> Result<Option<Bytes>, Error> {
        match &mut self.inflate {
            None => Ok(None),
            Some(inflate) if self.ended => inflate.finish(),
            Some(inflate) => inflate.next_piece(),
        }
    }

    /// The next chunk from the network; `None` at the end.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if let Poll::Ready(chunk) = self.chunks.as_mut().poll_next(context) {
            self.waiting_since = None;
            let chunk = chunk.map(|chunk| chunk.map_err(|error| Error::from_reqwest(&error, Duration::ZERO)));
            return Poll::Ready(chunk);
        }
        let now = Instant::now();
        let since = *self.waiting_since.get_or_insert(now);
        // The timer is usually set, and remembering that is cheaper than asking it.
        if self.alarm.as_ref().is_some_and(|(at, waker)| now < *at && waker.will_wake(context.waker())) {
            return Poll::Pending;
        }
        // The timer is set once per period, not per chunk, so when it fires the current wait may be shorter.
        loop {
            self.alarm = Some((self.silence.deadline(), context.waker().clone()));
            ready!(self.silence.as_mut().poll(context));
            if since.elapsed() >= self.idle_timeout {
                return Poll::Ready(Some(Err(Error::Timeout {
                    wait: Wait::Piece,
                    limit: self.idle_timeout,
                })));
            }
            self.silence.as_mut().reset(since + self.idle_timeout);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        loop {
            if let Some(piece) = self.decoded()? {
                return Poll::Ready(Some(self.count(piece)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.poll_chunk(context)?) {
                None => self.ended = true,
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => match &mut self.inflate {
                    None => return Poll::Ready(Some(self.count(chunk))),
                    Some(inflate) => inflate.feed(chunk),
                },
            }
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = self.get_mut();
        let item = ready!(body.poll(context));
        if !matches!(item, Some(Ok(_))) {
            body.ended = true;
            body.inflate = None;
        }
        Poll::Ready(item)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("seen", &self.seen).field("ended", &self.ended).finish_non_exhaustive()
    }
}
