//! Files, uploaded or written by models: receiving them, making copies of pictures, and collecting what nobody uses.

mod collect;
mod extract;
mod name;
mod store;
mod written;

use std::{sync::Arc, time::Duration};

use kaiwa_files::{Blobs, Folder, Pictures};
use kaiwa_shared::UserId;

use crate::{
    http::{
        ApiError,
        slots::{Slot, Slots},
    },
    settings::files::FileLimits,
};

pub(crate) use collect::collect;
pub(crate) use extract::Extractor;
pub(crate) use name::{disposition, name_of};
pub(crate) use store::{Received, over_quota, store};
pub(crate) use written::WrittenPictures;

/// How long a file is kept that no message uses: as long as drafts usually wait.
pub(crate) const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// Number of uploads that an account may have running.
const UPLOADS: usize = 16;

/// How long an upload waits for its turn.
const PATIENCE: Duration = Duration::from_mins(5);

/// Uploaded files.
pub(crate) struct Files {
    /// Where uploads arrive.
    pub(crate) folder: Folder,
    /// Where they stay.
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) pictures: Pictures,
    pub(crate) extractor: Extractor,
    pub(crate) limits: FileLimits,
    uploads: Slots,
}

impl Files {
    pub(crate) fn new(folder: Folder, limits: FileLimits, extractor: Extractor) -> Self {
        let blobs = Arc::new(folder.clone());
        Self { folder, blobs, pictures: Pictures::default(), extractor, limits, uploads: Slots::new(UPLOADS) }
    }

    /// Waits until the account may have one more upload running.
    pub(crate) async fn uploading(&self, owner: UserId) -> Result<Slot, ApiError> {
        self.uploads.take(owner, PATIENCE).await.ok_or_else(|| {
            let detail = format!("At most {UPLOADS} files can be uploaded at the same time. Wait for one.");
            ApiError::too_many(Duration::from_secs(5), detail)
        })
    }
}
