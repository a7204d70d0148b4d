//! An upload on its way to the disk.

use std::{io::Write, path::Path};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::task::spawn_blocking;

use crate::{BlobHash, Error, HEAD_BYTES, Result};

/// How much is collected before it is hashed and written, in bytes.
const PIECE: usize = 256 * 1024;

/// A file that is being received. Dropped, it leaves nothing behind.
pub struct Incoming {
    /// `None` after an error.
    sink: Option<Sink>,
    unwritten: Vec<u8>,
    head: Vec<u8>,
    size: u64,
    limit: u64,
}

/// A file that was received completely and lies on the disk. Dropped, it is deleted.
#[derive(Debug)]
pub struct Staged {
    path: TempPath,
    hash: BlobHash,
    size: u64,
    head: Vec<u8>,
}

struct Sink {
    file: NamedTempFile,
    hasher: Sha256,
}

impl Incoming {
    /// Creates an empty file in `folder` that may grow to `limit` bytes.
    pub async fn create(folder: &Path, limit: u64) -> Result<Self> {
        let folder = folder.to_owned();
        let file = blocking(move || NamedTempFile::new_in(folder).map_err(Error::from)).await?;
        let sink = Some(Sink { file, hasher: Sha256::new() });
        Ok(Self { sink, unwritten: Vec::new(), head: Vec::new(), size: 0, limit })
    }

    /// The first [`HEAD_BYTES`] of the file, or what has arrived of them.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// How many bytes have arrived.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::DiskFull`] or [`Error::Io`]; the file can only be dropped then.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.limit {
            return Err(Error::TooLarge { limit: self.limit });
        }
        let wanted = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
        self.unwritten.extend_from_slice(bytes);
        if self.unwritten.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    /// Completes the file and makes its bytes durable.
    pub async fn finish(mut self) -> Result<Staged> {
        self.flush().await?;
        let Some(sink) = self.sink.take() else { return Err(gone()) };
        let (path, hash) = blocking(move || {
            sink.file.as_file().sync_all()?;
            Ok((sink.file.into_temp_path(), BlobHash::new(sink.hasher.finalize().into())))
        })
        .await?;
        Ok(Staged { path, hash, size: self.size, head: self.head })
    }

    /// Hashes and writes what was collected, on a thread where that holds up no stream.
    async fn flush(&mut self) -> Result<()> {
        let Some(mut sink) = self.sink.take() else { return Err(gone()) };
        let mut bytes = std::mem::take(&mut self.unwritten);
        let (sink, bytes) = blocking(move || {
            sink.hasher.update(&bytes);
            sink.file.write_all(&bytes)?;
            bytes.clear();
            Ok((sink, bytes))
        })
        .await?;
        (self.sink, self.unwritten) = (Some(sink), bytes);
        Ok(())
    }
}

impl Staged {
    /// A file of these bytes in `folder`.
    pub async fn from_bytes(folder: &Path, bytes: Bytes) -> Result<Self> {
        let mut incoming = Incoming::create(folder, u64::MAX).await?;
        incoming.write(&bytes).await?;
        incoming.finish().await
    }

    /// The name of the blob that it becomes.
    pub const fn hash(&self) -> BlobHash {
        self.hash
    }

    /// Its size, in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its first [`HEAD_BYTES`].
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Where it lies until it is stored.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes.
    pub async fn read(&self) -> Result<Bytes> {
        let path = self.path.to_path_buf();
        blocking(move || Ok(std::fs::read(path)?.into())).await
    }

    pub(crate) fn into_path(self) -> TempPath {
        self.path
    }
}

/// Does work with the disk on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(failure) => Err(Error::Io(failure.into())),
    }
}

fn gone() -> Error {
    Error::Io(std::io::Error::other("the upload failed before"))
}
