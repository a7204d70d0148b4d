//! Blobs in a folder.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use kaiwa_files::{BlobHash, Blobs, Error, Folder, read_all};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

struct Fixture {
    root: TempDir,
    folder: Folder,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path().join("files")).unwrap();
        Self { root, folder }
    }

    async fn put(&self, bytes: &[u8]) -> BlobHash {
        let staged = self.folder.stage(Bytes::copy_from_slice(bytes)).await.unwrap();
        let hash = staged.hash();
        self.folder.put(staged).await.unwrap();
        hash
    }

    async fn all(&self) -> Vec<BlobHash> {
        let mut all = Vec::new();
        for first in 0..=u8::MAX {
            all.extend(self.folder.list(first).await.unwrap());
        }
        all
    }

    fn unfinished(&self) -> usize {
        std::fs::read_dir(self.root.path().join("files/incoming")).unwrap().count()
    }
}

fn later() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 200)
}

#[tokio::test]
async fn a_blob_is_read_back_in_whole_and_in_part() {
    let fixture = Fixture::new();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let mut incoming = fixture.folder.receive(300_000).await.unwrap();
    for piece in bytes.chunks(70_001) {
        incoming.write(piece).await.unwrap();
    }
    assert_eq!((incoming.size(), incoming.head()), (300_000, &bytes[..64 * 1024]));
    let staged = incoming.finish().await.unwrap();
    assert_eq!(staged.hash(), BlobHash::new(Sha256::digest(&bytes).into()));
    assert_eq!((staged.size(), staged.head()), (300_000, &bytes[..64 * 1024]));
    let hash = staged.hash();
    fixture.folder.put(staged).await.unwrap();
    for (start, end) in [(0, 300_000), (0, 0), (1, 2), (65_535, 65_537), (299_999, 300_000)] {
        let pieces = fixture.folder.get(hash, start..end).await.unwrap();
        let read: Vec<u8> = pieces.map(|piece| piece.unwrap().to_vec()).concat().await;
        let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
        assert!(read == bytes[start..end], "{start}..{end}");
    }
    assert_eq!(read_all(&fixture.folder, hash, 300_000, 10).await.unwrap(), bytes[..10]);
    assert_eq!(fixture.unfinished(), 0);
}

#[tokio::test]
async fn equal_files_are_one_blob() {
    let fixture = Fixture::new();
    let hash = fixture.put(b"same").await;
    assert_eq!(fixture.put(b"same").await, hash);
    fixture.put(b"other").await;
    assert_eq!(fixture.all().await.len(), 2);
}

#[tokio::test]
async fn a_file_that_is_too_large_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let mut incoming = fixture.folder.receive(10).await.unwrap();
    incoming.write(b"0123456789").await.unwrap();
    assert!(matches!(incoming.write(b"0").await, Err(Error::TooLarge { limit: 10 })));
    drop(incoming);
    assert_eq!(fixture.unfinished(), 0);
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let mut incoming = fixture.folder.receive(1 << 20).await.unwrap();
    incoming.write(&vec![1; 600_000]).await.unwrap();
    assert_eq!(fixture.unfinished(), 1);
    drop(incoming);
    drop(fixture.folder.stage(Bytes::from_static(b"never stored")).await.unwrap());
    assert_eq!(fixture.unfinished(), 0);
    assert!(fixture.all().await.is_empty());
}

#[tokio::test]
async fn what_a_crash_left_is_swept_up() {
    let fixture = Fixture::new();
    std::fs::write(fixture.folder.incoming().join("left"), b"half").unwrap();
    assert_eq!(fixture.folder.sweep(SystemTime::UNIX_EPOCH).await.unwrap(), 0, "it may still be written");
    assert_eq!(fixture.folder.sweep(later()).await.unwrap(), 1);
    assert_eq!(fixture.unfinished(), 0);
}

#[tokio::test]
async fn only_blobs_that_were_not_stored_lately_are_deleted() {
    let fixture = Fixture::new();
    let hash = fixture.put(b"text").await;
    assert!(!fixture.folder.delete(hash, SystemTime::UNIX_EPOCH).await.unwrap());
    assert!(fixture.folder.delete(hash, later()).await.unwrap());
    assert!(fixture.folder.delete(hash, later()).await.unwrap(), "it was deleted before");
    assert!(matches!(fixture.folder.get(hash, 0..4).await, Err(Error::Missing)));
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    let hash = fixture.put(b"text").await.to_string();
    let mode = |path: &str| {
        std::fs::metadata(fixture.root.path().join("files").join(path)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode(&hash[..2]), 0o700);
    assert_eq!(mode(&format!("{}/{hash}", &hash[..2])), 0o600);
}
