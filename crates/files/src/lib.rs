//! Uploaded files: where their bytes lie, what they are, and what is made of them.
//!
//! [`Incoming`] receives an upload and hashes it on its way to the disk. [`Blobs`] keeps bytes under their hash;
//! [`Folder`] keeps them in the data folder. [`Kind::of`] tells a file's type from its bytes, [`Pictures`] turns a
//! picture into copies without metadata, and [`text::decode`] reads text in any encoding. Nothing here knows HTTP or SQL.

mod blobs;
mod error;
mod folder;
mod hash;
mod incoming;
mod kind;
mod picture;
pub mod text;

pub use blobs::{Blobs, ByteStream, read_all};
pub use error::{Error, Result};
pub use folder::Folder;
pub use hash::{BlobHash, InvalidHash};
pub use incoming::{Incoming, Staged};
pub use kind::{HEAD_BYTES, Kind, OfficeFormat, PictureFormat, Unsupported};
pub use picture::{Copy, MAX_PICTURE_BYTES, Picture, PictureError, Pictures};
