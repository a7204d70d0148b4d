//! Sends events for as long as the session that asked for them lasts.

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures_util::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;

/// An answer that follows a stream of events. It ends with the stream, or when `revoked` is cancelled.
pub(crate) fn respond(
    listener: impl Stream<Item = Bytes> + Unpin + 'static,
    revoked: CancellationToken,
) -> HttpResponse {
    let events = stream::unfold((listener, revoked), |(mut listener, revoked)| async move {
        let bytes = tokio::select! {
            biased;
            () = revoked.cancelled() => None,
            bytes = listener.next() => bytes,
        };
        bytes.map(|bytes| (Ok::<Bytes, actix_web::Error>(bytes), (listener, revoked)))
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A proxy that gathers or compresses would hold tokens back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
}
