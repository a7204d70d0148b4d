//! Blobs in a folder.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    time::SystemTime,
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};

use crate::{BlobHash, Blobs, ByteStream, Error, Incoming, Result, Staged, incoming::blocking};

/// The folder for uploads that are not complete.
const INCOMING: &str = "incoming";

/// How much is read at once, in bytes.
const PIECE: u64 = 64 * 1024;

/// Keeps blobs as files: `ab/ab12…`, named by their hash, and unfinished uploads in `incoming/`.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens the folder and creates it if there is none.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        create_private(&root)?;
        create_private(&root.join(INCOMING))?;
        Ok(Self { root })
    }

    /// The folder for uploads that are not complete.
    pub fn incoming(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    /// Begins to receive a file of at most `limit` bytes.
    pub async fn receive(&self, limit: u64) -> Result<Incoming> {
        Incoming::create(&self.incoming(), limit).await
    }

    /// Writes bytes that will be stored.
    pub async fn stage(&self, bytes: Bytes) -> Result<Staged> {
        Staged::from_bytes(&self.incoming(), bytes).await
    }

    /// Deletes uploads that a crash interrupted: those that were last written before `before`. Returns their number.
    pub async fn sweep(&self, before: SystemTime) -> Result<usize> {
        let folder = self.incoming();
        blocking(move || {
            let mut deleted = 0;
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                deleted += usize::from(delete_if_older(&path, before)?);
            }
            Ok(deleted)
        })
        .await
    }

    fn folder_of(&self, hash: BlobHash) -> PathBuf {
        let [first, ..] = hash.as_bytes();
        self.root.join(format!("{first:02x}"))
    }

    fn path_of(&self, hash: BlobHash) -> PathBuf {
        self.folder_of(hash).join(hash.to_string())
    }
}

impl Blobs for Folder {
    fn put(&self, staged: Staged) -> BoxFuture<'_, Result<()>> {
        let (root, folder, path) =
            (self.root.clone(), self.folder_of(staged.hash()), self.path_of(staged.hash()));
        blocking(move || {
            if !folder.is_dir() {
                create_private(&folder)?;
                sync_folder(&root)?;
            }
            staged.into_path().persist(path).map_err(|failed| failed.error)?;
            sync_folder(&folder)?;
            Ok(())
        })
        .boxed()
    }

    fn get(&self, hash: BlobHash, range: Range<u64>) -> BoxFuture<'_, Result<ByteStream>> {
        let path = self.path_of(hash);
        async move {
            let start = range.start;
            let file = blocking(move || {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                Ok(file)
            })
            .await?;
            let left = range.end.saturating_sub(range.start);
            Ok(stream::try_unfold((file, left), |(file, left)| read_piece(file, left)).boxed())
        }
        .boxed()
    }

    fn delete(&self, hash: BlobHash, before: SystemTime) -> BoxFuture<'_, Result<bool>> {
        let path = self.path_of(hash);
        blocking(move || Ok(delete_if_older(&path, before)? || !path.exists())).boxed()
    }

    fn list(&self, first_byte: u8) -> BoxFuture<'_, Result<Vec<BlobHash>>> {
        let folder = self.root.join(format!("{first_byte:02x}"));
        blocking(move || {
            let entries = match fs::read_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut hashes = Vec::new();
            for entry in entries {
                // Other files are not ours.
                hashes.extend(entry?.file_name().to_str().and_then(|name| name.parse::<BlobHash>().ok()));
            }
            Ok(hashes)
        })
        .boxed()
    }
}

/// Reads the next piece of a file of which `left` bytes are wanted.
async fn read_piece(mut file: File, left: u64) -> Result<Option<(Bytes, (File, u64))>> {
    if left == 0 {
        return Ok(None);
    }
    blocking(move || {
        let length = usize::try_from(left.min(PIECE)).unwrap_or(usize::MAX);
        let mut piece = vec![0; length];
        file.read_exact(&mut piece)?;
        Ok(Some((piece.into(), (file, left.saturating_sub(PIECE)))))
    })
    .await
}

fn delete_if_older(path: &Path, before: SystemTime) -> Result<bool> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        metadata => metadata?,
    };
    if !metadata.is_file() || metadata.modified()? >= before {
        return Ok(false);
    }
    match fs::remove_file(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true).map_err(Error::from),
    }
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates a folder that only this user may enter, if there is none.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
