//! Temporary replies that ended recently.
//!
//! Nothing of a temporary reply is stored, so it stays here for a minute after its end: a lost connection can be
//! resumed, and a message that is sent twice is answered once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::{ClientMessageId, Content, GenerationId, UserId, stream::StreamEvent};

use super::live::Live;

/// How long a reply can be read after its end.
pub(crate) const KEPT_FOR: Duration = Duration::from_mins(1);

/// Maximum number of replies; the oldest are dropped first.
const MAX_KEPT: usize = 256;

/// Temporary replies that run or ended recently. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct TemporaryReplies(Arc<Mutex<VecDeque<Kept>>>);

struct Kept {
    live: Arc<Live>,
    /// For the first reply of a request, to recognise and answer a repeat.
    request: Option<TemporaryRequest>,
}

/// A request in a temporary conversation.
#[derive(Clone)]
pub(crate) struct TemporaryRequest {
    pub(crate) id: ClientMessageId,
    pub(crate) content: Content,
    /// Its `created` event.
    pub(crate) created: StreamEvent,
}

impl TemporaryReplies {
    /// The reply of this owner's temporary generation.
    pub(crate) fn find(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        let kept = self.lock();
        let mut lives = kept.iter().map(|kept| &kept.live);
        lives.find(|live| live.ids().generation == id && live.ids().owner == owner).cloned()
    }

    /// Adds replies, the first of which answers `request`. If this owner made a request with the same id before,
    /// returns that one with its reply instead.
    pub(crate) fn insert(
        &self,
        owner: UserId,
        request: &TemporaryRequest,
        lives: &[&Arc<Live>],
    ) -> Option<(TemporaryRequest, Arc<Live>)> {
        let mut kept = self.lock();
        let earlier = kept.iter().find_map(|kept| {
            let earlier = kept.request.as_ref().filter(|earlier| earlier.id == request.id)?;
            (kept.live.ids().owner == owner).then(|| (earlier.clone(), Arc::clone(&kept.live)))
        });
        if earlier.is_some() {
            return earlier;
        }
        for (n, live) in lives.iter().enumerate() {
            kept.push_back(Kept { live: Arc::clone(live), request: (n == 0).then(|| request.clone()) });
        }
        let excess = kept.len().saturating_sub(MAX_KEPT);
        kept.drain(..excess);
        None
    }

    /// Drops a reply.
    pub(crate) fn remove(&self, id: GenerationId) {
        self.lock().retain(|kept| kept.live.ids().generation != id);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        // Every change is complete before the lock is released.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
