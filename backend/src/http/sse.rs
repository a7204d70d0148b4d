//! Responses that stream events until the session ends.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use actix_web::{Error, HttpResponse, http::header, web::Bytes};
use futures_util::{Stream, StreamExt};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A response that streams events. It ends with the stream, or when `revoked` is cancelled.
pub(crate) fn respond(
    events: impl Stream<Item = Bytes> + Unpin + 'static,
    revoked: CancellationToken,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A proxy that buffers or compresses would delay tokens.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Events::new(events, revoked))
}

/// A stream of events that ends with the session.
struct Events<S> {
    source: S,
    revoked: CancellationToken,
    /// Completes when the session ends.
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The waker that is registered with `end`. Registering takes a lock that all streams of the session share, so it
    /// is done once and not per event.
    registered: Option<Waker>,
}

impl<S> Events<S> {
    fn new(source: S, revoked: CancellationToken) -> Self {
        let end = Box::pin(revoked.clone().cancelled_owned());
        Self { source, revoked, end, registered: None }
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let waker = context.waker();
        if self.registered.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
            return self.revoked.is_cancelled();
        }
        self.registered = Some(waker.clone());
        self.end.as_mut().poll(context).is_ready()
    }
}

impl<S: Stream<Item = Bytes> + Unpin> Stream for Events<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over(context) {
            return Poll::Ready(None);
        }
        self.source.poll_next_unpin(context).map(|bytes| bytes.map(Ok))
    }
}
