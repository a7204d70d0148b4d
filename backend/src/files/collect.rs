//! Deletes files that no message uses, and blobs that no file uses.

use std::time::{Duration, SystemTime};

use kaiwa_files::Error;
use kaiwa_shared::time::Millis;
use kaiwa_store::Store;

use super::Files;

/// How long a blob is kept without a file: longer than an upload takes from its blobs to its row.
const BLOB_GRACE: Duration = Duration::from_hours(1);

/// How long an unfinished upload is kept: longer than any upload takes.
const UPLOAD_GRACE: Duration = Duration::from_hours(24);

/// Why not everything was collected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CollectError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
    /// The disk failed.
    #[error(transparent)]
    Files(#[from] Error),
}

/// Deletes what nobody uses; returns the number of files and of blobs.
pub(crate) async fn collect(files: &Files, store: &Store, now: Millis) -> Result<(u64, u64), CollectError> {
    let mut orphans = 0;
    let owners = store.read().await?.files().owners_of_orphans(now).await?;
    for owner in owners {
        let mut tx = store.begin().await?;
        orphans += tx.files().delete_orphans(owner, now).await?;
        tx.commit().await?;
    }
    let unused = delete_unused_blobs(files, store, before(now, BLOB_GRACE)).await?;
    files.folder.sweep(before(now, UPLOAD_GRACE)).await?;
    Ok((orphans, unused))
}

async fn delete_unused_blobs(files: &Files, store: &Store, before: SystemTime) -> Result<u64, CollectError> {
    let mut deleted = 0;
    for first_byte in 0..=u8::MAX {
        let mut stored = files.blobs.list(first_byte).await?;
        if stored.is_empty() {
            continue;
        }
        let used = store.read().await?.files().used_blobs(first_byte).await?;
        stored.retain(|hash| !used.contains(hash.as_bytes()));
        for hash in stored {
            deleted += u64::from(files.blobs.delete(hash, before).await?);
        }
    }
    Ok(deleted)
}

/// A moment before `now`, as files name it.
fn before(now: Millis, grace: Duration) -> SystemTime {
    let now = Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
    SystemTime::UNIX_EPOCH + now.saturating_sub(grace)
}
