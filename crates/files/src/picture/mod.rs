//! Pictures: copies that are safe to show and small enough for models.
//!
//! Decoding and encoding drop everything but the pixels: EXIF, XMP, comments, colour profiles, and whatever follows the
//! picture in the file.

mod copies;
mod decode;

use std::sync::Arc;

use bytes::Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::PictureFormat;

/// Maximum size of a picture file, in bytes.
pub const MAX_PICTURE_BYTES: u64 = 64 * 1024 * 1024;

/// Makes copies of pictures, one at a time, on threads where that holds up no stream. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// One picture may need most of the memory that is meant for all.
    turn: Arc<Semaphore>,
}

/// The copies made of an uploaded picture.
#[derive(Debug)]
pub struct Picture {
    /// The picture itself, upright and at most 4096 pixels long.
    pub content: Copy,
    /// A copy for models, at most 1568 pixels long.
    pub for_models: Copy,
    /// A copy of at most 512 pixels.
    pub thumbnail: Copy,
    /// The next picture waits until this one was stored and dropped, so that only one is in memory.
    turn: Option<OwnedSemaphorePermit>,
}

/// One encoded copy of a picture.
#[derive(Clone, Debug)]
pub struct Copy {
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// Why a picture is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It has too many pixels.
    #[error(
        "The picture has too many pixels. At most 12000 on a side and 50 million in all are accepted, and fewer in a progressive \
         JPEG; make it smaller."
    )]
    TooManyPixels,
    /// It cannot be decoded.
    #[error("The picture is damaged and cannot be read. Save it again and upload that.")]
    Damaged,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Pictures {
    /// Waits for its turn, takes the picture from `source`, and makes the copies. `source` runs when it is this picture's
    /// turn, so that waiting pictures take no memory.
    pub async fn make<E: From<PictureError>>(
        &self,
        format: PictureFormat,
        source: impl Future<Output = Result<Bytes, E>>,
    ) -> Result<Picture, E> {
        // The semaphore is never closed.
        let turn = Arc::clone(&self.turn).acquire_owned().await.ok();
        let bytes = source.await?;
        let made = spawn_blocking(move || {
            let decoded = decode::decode(format, bytes)?;
            let mut picture = copies::make(decoded, format)?;
            picture.turn = turn;
            Ok(picture)
        });
        // A decoder that panics has read a damaged picture.
        made.await.unwrap_or(Err(PictureError::Damaged)).map_err(E::from)
    }
}
