//! Properties of every decoder for any bytes.
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

/// Decodes `data` whole and in equal pieces whose size is its last byte. Nothing may panic, both must yield the same
/// events, nothing may follow an error, and no text may be empty.
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

/// All items. Waiting takes no time, because the paused clock advances by itself.
pub fn read<T>(items: impl Stream<Item = T>) -> Vec<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime of one thread").block_on(items.collect())
}
