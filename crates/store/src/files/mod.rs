//! Uploaded files: what is known of them, the blobs that hold them, and the messages that use them.

mod links;
mod orphans;
mod rows;
mod uploads;

use kaiwa_shared::{File, UserId, time::Millis};

use crate::Tx;

pub(crate) use links::{add_files, copy_links, files_of_queued, link_message, link_queued, use_files};

/// The repository of files.
pub struct Files<'t>(pub(crate) &'t mut Tx);

/// The SHA-256 of a blob.
pub type Hash = [u8; 32];

/// What a blob is to its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobRole {
    /// The file itself.
    Content,
    /// A copy of a picture that is small enough for models.
    ForModels,
    /// A small copy of a picture.
    Thumbnail,
    /// The text that was extracted from a document.
    Text,
}

/// A blob of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBlob {
    /// What it is to the file.
    pub role: BlobRole,
    /// Its hash.
    pub hash: Hash,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

/// A file to be stored. Its blobs are stored already.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The account.
    pub owner: UserId,
    /// The file as clients know it.
    pub file: File,
    /// The hash of what was uploaded.
    pub upload_hash: Hash,
    /// Its blobs.
    pub blobs: Vec<FileBlob>,
    /// How long it is kept without a message that uses it.
    pub kept_until: Millis,
    /// The current time.
    pub now: Millis,
}

/// The outcome of [`Files::insert`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertOutcome {
    /// Stored.
    Stored,
    /// The owner uploaded the same file with the same id before.
    Repeated(File),
    /// The owner has another file with this id.
    IdTaken,
    /// The owner's files would be larger than the quota.
    OverQuota {
        /// Their size without this one, in bytes.
        used: u64,
    },
}

/// The outcome of [`Files::delete`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// Deleted.
    Deleted,
    /// A message uses it.
    InUse,
    /// The owner has no such file.
    NoFile,
}
