//! Why a blob could not be stored or read.

use std::io;

/// The result of storing or reading a blob.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is larger than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The maximum size, in bytes.
        limit: u64,
    },
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull(#[source] io::Error),
    /// There is no such blob.
    #[error("there is no such blob")]
    Missing,
    /// The disk failed.
    #[error("the file could not be stored or read")]
    Io(#[source] io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull(error)
            }
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}
