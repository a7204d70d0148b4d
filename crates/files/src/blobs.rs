//! Content-addressed storage.

use std::{ops::Range, time::SystemTime};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, future::BoxFuture, stream::BoxStream};

use crate::{BlobHash, Error, Result, Staged};

/// The bytes of a blob, in pieces.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// Keeps blobs under their hash. Equal blobs are one.
pub trait Blobs: Send + Sync {
    /// Stores a blob; when it returns, the blob survives a crash. If it was stored before, it counts as stored now.
    fn put(&self, staged: Staged) -> BoxFuture<'_, Result<()>>;

    /// Reads the bytes of a blob from `range.start` up to, but not including, `range.end`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no such blob.
    fn get(&self, hash: BlobHash, range: Range<u64>) -> BoxFuture<'_, Result<ByteStream>>;

    /// Deletes a blob that was stored before `before`; returns whether there is none now.
    fn delete(&self, hash: BlobHash, before: SystemTime) -> BoxFuture<'_, Result<bool>>;

    /// The blobs whose hash begins with this byte.
    fn list(&self, first_byte: u8) -> BoxFuture<'_, Result<Vec<BlobHash>>>;
}

/// The first `limit` bytes of a blob of `size` bytes.
pub async fn read_all(blobs: &dyn Blobs, hash: BlobHash, size: u64, limit: u64) -> Result<Bytes> {
    let end = size.min(limit);
    let mut pieces = blobs.get(hash, 0..end).await?;
    let mut bytes =
        BytesMut::with_capacity(usize::try_from(end).map_err(|_too_large| Error::TooLarge { limit })?);
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(bytes.freeze())
}
