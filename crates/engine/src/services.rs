//! What every part of the engine needs.

use std::sync::Arc;

use kaiwa_bus::Bus;
use kaiwa_files::Blobs;
use kaiwa_shared::{RunnerId, time::Clock};
use kaiwa_store::Store;

use crate::{Catalog, Options};

/// What every part of the engine needs.
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) files: Arc<dyn Blobs>,
    pub(crate) catalog: Catalog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) options: Options,
    /// The id of this process, which its generations carry.
    pub(crate) runner: RunnerId,
}
