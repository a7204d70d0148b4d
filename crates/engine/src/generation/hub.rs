//! The running replies of this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kaiwa_shared::{GenerationId, UserId};

use super::live::Live;

type Running = HashMap<GenerationId, Arc<Live>>;

/// Finds a running reply by its generation.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Running>>);

impl Hub {
    /// Adds a reply; it is removed when the entry is dropped.
    pub(crate) fn insert(&self, live: Arc<Live>) -> HubEntry {
        self.lock().insert(live.ids().generation, Arc::clone(&live));
        HubEntry { hub: self.clone(), live }
    }

    /// The running reply of this owner's generation.
    pub(crate) fn find(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        self.lock().get(&id).filter(|live| live.ids().owner == owner).cloned()
    }

    /// Whether this generation is running.
    pub(crate) fn contains(&self, id: GenerationId) -> bool {
        self.lock().contains_key(&id)
    }

    /// Every running reply.
    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        // A panic cannot leave the map half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply in the hub. Dropping it removes the reply, however its task ended.
pub(crate) struct HubEntry {
    hub: Hub,
    live: Arc<Live>,
}

impl HubEntry {
    /// The reply.
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }
}

impl Drop for HubEntry {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.live.ids().generation);
        // A task that panicked has published no end, and its listeners must not wait forever.
        self.live.close();
    }
}
