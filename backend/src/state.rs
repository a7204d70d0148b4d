//! The state that all requests share.

use std::sync::Arc;

use kaiwa_auth::{device::Devices, password::Hasher, throttle::Throttle};
use kaiwa_engine::Engine;
use kaiwa_shared::time::Clock;
use kaiwa_store::Store;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    files::Files, http::OpenResponses, providers::Providers, sessions::Sessions, settings::Settings,
    setup_code::SetupCode,
};

/// The state that all requests share. There is one in the process.
pub(crate) struct AppState {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) providers: Providers,
    pub(crate) sessions: Sessions,
    pub(crate) hasher: Hasher,
    pub(crate) devices: Devices,
    pub(crate) throttle: Throttle,
    pub(crate) open_responses: OpenResponses,
    pub(crate) files: Arc<Files>,
    pub(crate) setup_code: SetupCode,
    pub(crate) clock: Arc<dyn Clock>,
    /// Deletes leftovers for as long as the server runs.
    pub(crate) _housekeeping: AbortOnDropHandle<()>,
}
