//! Pictures that models write.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture};
use kaiwa_engine::PictureStore;
use kaiwa_files::{HEAD_BYTES, Kind};
use kaiwa_shared::{File, FileId, UserId, time::Clock};
use kaiwa_store::Store;

use super::{Files, Received, name::tidy, store};

/// The name of a picture without one.
const NAMELESS: &str = "picture";

/// Stores the pictures that models write like those that their owners upload.
pub(crate) struct WrittenPictures {
    pub(crate) files: Arc<Files>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
}

impl PictureStore for WrittenPictures {
    fn store(&self, owner: UserId, name: String, bytes: Bytes) -> BoxFuture<'_, Option<File>> {
        async move {
            let head = bytes.get(..HEAD_BYTES).unwrap_or(&bytes);
            let Ok(kind @ Kind::Picture(_)) = Kind::of(head) else { return None };
            let name = if name.trim().is_empty() { NAMELESS.to_owned() } else { tidy(&name) };
            let staged = match self.files.folder.stage(bytes).await {
                Ok(staged) => staged,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a written picture could not be stored"
                    );
                    return None;
                }
            };
            let received = Received { owner, id: FileId::new(), name, kind, staged };
            match store(&self.files, &self.store, &*self.clock, received).await {
                Ok(file) => Some(file),
                Err(error) => {
                    tracing::info!(%error, "a written picture stays in its text");
                    None
                }
            }
        }
        .boxed()
    }
}
