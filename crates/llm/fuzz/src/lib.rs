//! What must hold for every decoder, whatever bytes come.
//!
//! `cargo +nightly fuzz run <target> corpus/<target> ../tests/fixtures/<adapter>` in `crates/llm/fuzz` runs one; the
//! recorded bytes of the conformance suite are its seeds.

use bytes::Bytes;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use kaiwa_llm::{Error, Event, EventStream};

/// A body as it arrives.
pub type Body = BoxStream<'static, Result<Bytes, Error>>;

/// Decodes `data` as one piece and cut into equal pieces, of a size that its last byte says: nothing panics, both give
/// the same events, nothing follows an error, and no text is empty.
pub fn hold(data: &[u8], decode: fn(Body) -> EventStream) {
    let Some((size, body)) = data.split_last() else { return };
    let whole = read(decode(pieces(body, body.len().max(1))));
    let cut = read(decode(pieces(body, usize::from(*size).max(1))));
    assert_eq!(whole, cut, "the cuts make a difference");
    for (at, item) in whole.iter().enumerate() {
        match item {
            Err(_) => assert_eq!(at + 1, whole.len(), "something follows an error"),
            Ok(Event::Text(text) | Event::Reasoning(text)) => assert!(!text.is_empty(), "an empty text"),
            Ok(_) => {}
        }
    }
}

/// `body` in pieces of `size` bytes.
pub fn pieces(body: &[u8], size: usize) -> Body {
    let pieces: Vec<_> = body.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

/// Everything that comes. A decoder that waits for more does not cost time: the clock moves on when nothing else does.
pub fn read<T>(items: impl Stream<Item = T>) -> Vec<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime of one thread").block_on(items.collect())
}
