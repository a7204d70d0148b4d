//! Responses that stream events until the session ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{Error, HttpResponse, http::header, web::Bytes};
use futures_util::{Stream, StreamExt};
use kaiwa_bus::Permit;

use super::open_responses::take_piece;
use crate::sessions::{Ending, ValidSession};

/// The media type of a stream of events.
pub(crate) const CONTENT_TYPE: &str = "text/event-stream";

/// A response that streams events. It ends with the stream, or with the session. `permit` counts it as an open stream.
pub(crate) fn respond(
    events: impl Stream<Item = Bytes> + Unpin + 'static,
    session: &ValidSession,
    permit: Permit,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A proxy that buffers or compresses would delay tokens.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Events {
            source: events,
            pending: Bytes::new(),
            ending: session.ending(),
            _permit: permit,
        })
}

/// A stream of events that ends with the session.
struct Events<S> {
    source: S,
    /// The rest of what was taken from `source`.
    pending: Bytes,
    ending: Ending,
    _permit: Permit,
}

impl<S: Stream<Item = Bytes> + Unpin> Stream for Events<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ending.poll(context).is_ready() {
            return Poll::Ready(None);
        }
        // The connection buffers what it is given, so a large event is given in pieces.
        if self.pending.is_empty() {
            match self.source.poll_next_unpin(context) {
                Poll::Ready(Some(bytes)) => self.pending = bytes,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Some(Ok(take_piece(&mut self.pending))))
    }
}
