//! Responses that stream events until the session ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{Error, HttpResponse, http::header, web::Bytes};
use futures_util::{Stream, StreamExt};

use crate::sessions::{Ending, ValidSession};

/// A response that streams events. It ends with the stream, or with the session.
pub(crate) fn respond(
    events: impl Stream<Item = Bytes> + Unpin + 'static,
    session: &ValidSession,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A proxy that buffers or compresses would delay tokens.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Events { source: events, ending: session.ending() })
}

/// A stream of events that ends with the session.
struct Events<S> {
    source: S,
    ending: Ending,
}

impl<S: Stream<Item = Bytes> + Unpin> Stream for Events<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ending.poll(context).is_ready() {
            return Poll::Ready(None);
        }
        self.source.poll_next_unpin(context).map(|bytes| bytes.map(Ok))
    }
}
