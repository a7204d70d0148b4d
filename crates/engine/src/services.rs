//! What every part of the engine needs.

use std::sync::Arc;

use kaiwa_bus::Bus;
use kaiwa_files::Blobs;
use kaiwa_shared::{RunnerId, time::Clock};
use kaiwa_store::Store;

use crate::{Catalog, Options, PictureStore};

/// The files of the engine's accounts.
pub struct Files {
    /// Their bytes.
    pub blobs: Arc<dyn Blobs>,
    /// Takes the pictures that models write.
    pub pictures: Arc<dyn PictureStore>,
}

/// What every part of the engine needs.
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) catalog: Catalog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) options: Options,
    /// The id of this process, which its generations carry.
    pub(crate) runner: RunnerId,
}
