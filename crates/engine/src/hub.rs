//! The replies that are being written at this moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kaiwa_shared::{GenerationId, UserId};

use crate::live::Live;

type Running = HashMap<GenerationId, Arc<Live>>;

/// Finds a running reply by its generation.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Running>>);

impl Hub {
    /// Makes a reply findable until the entry is dropped.
    pub(crate) fn insert(&self, live: Arc<Live>) -> Entry {
        self.lock().insert(live.ids().generation, Arc::clone(&live));
        Entry { hub: self.clone(), live }
    }

    /// The running reply of this owner's generation.
    pub(crate) fn find(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        self.lock().get(&id).filter(|live| live.ids().owner == owner).cloned()
    }

    /// Every running reply.
    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        // A panic elsewhere cannot leave a map of handles half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply's place in the hub. Dropping it takes the reply out, whatever way its task ended.
pub(crate) struct Entry {
    hub: Hub,
    live: Arc<Live>,
}

impl Entry {
    /// The reply.
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.live.ids().generation);
        // A task that panicked has published no end; its listeners must not wait for ever.
        self.live.close();
    }
}
