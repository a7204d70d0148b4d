//! The sessions that this process has looked up recently, and those of its open streams.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use kaiwa_shared::{SessionId, auth::User, time::Millis};
use tokio_util::sync::CancellationToken;

/// How long a look-up is valid before the database is asked again.
const CACHE_TIME: Duration = Duration::from_secs(2);

/// The maximum number of sessions that are kept without an open stream or request.
const MAX_RECENT: usize = 10_000;

/// The sessions of this process. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Cache(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Every session that a stream, a request or `recent` refers to.
    by_id: HashMap<SessionId, Weak<Entry>>,
    /// Keeps the newest entries alive.
    recent: VecDeque<Arc<Entry>>,
}

/// A session. Look-ups and streams that overlap share one entry, so that a close reaches all of them.
pub(super) struct Entry {
    id: SessionId,
    /// Cancelled when the session is closed. A closed entry is never used again.
    pub(super) closed: CancellationToken,
    /// The number of open streams.
    pub(super) streams: AtomicUsize,
    checked: Mutex<Option<Checked>>,
    entries: Weak<Mutex<Entries>>,
}

/// The result of a database look-up.
#[derive(Clone)]
struct Checked {
    user: User,
    expires_at: Millis,
    /// Not the wall clock, which can be set back.
    at: Instant,
}

/// A session that is open.
pub(super) struct Found {
    pub(super) entry: Arc<Entry>,
    pub(super) user: User,
    pub(super) expires_at: Millis,
}

impl Cache {
    /// The entry of a session, which may be new.
    pub(super) fn entry(&self, id: SessionId) -> Arc<Entry> {
        let mut entries = self.lock();
        if let Some(entry) = entries.by_id.get(&id).and_then(Weak::upgrade) {
            return entry;
        }
        let entry = Arc::new(Entry {
            id,
            closed: CancellationToken::new(),
            streams: AtomicUsize::default(),
            checked: Mutex::default(),
            entries: Arc::downgrade(&self.0),
        });
        entries.by_id.insert(id, Arc::downgrade(&entry));
        entries.recent.push_back(Arc::clone(&entry));
        let oldest = if entries.recent.len() > MAX_RECENT { entries.recent.pop_front() } else { None };
        drop(entries);
        // If this was the last reference, it takes the lock.
        drop(oldest);
        entry
    }

    /// Changes when a session expires.
    pub(super) fn extend(&self, id: SessionId, expires_at: Millis) {
        let entry = self.lock().by_id.get(&id).and_then(Weak::upgrade);
        if let Some(entry) = entry
            && let Some(checked) = &mut *entry.checked()
        {
            checked.expires_at = expires_at;
        }
    }

    /// Closes a session and its streams.
    pub(super) fn close(&self, id: SessionId) {
        let entry = self.lock().by_id.remove(&id).and_then(|entry| entry.upgrade());
        if let Some(entry) = entry {
            entry.closed.cancel();
        }
    }

    /// Ends every stream. Sessions that are still valid are looked up again when their pages reconnect.
    pub(super) fn close_all(&self) {
        let entries = std::mem::take(&mut *self.lock());
        for entry in entries.by_id.values().filter_map(Weak::upgrade) {
            entry.closed.cancel();
        }
    }

    /// The sessions of open streams.
    pub(super) fn streamed(&self) -> Vec<SessionId> {
        let entries: Vec<_> = self.lock().by_id.values().cloned().collect();
        // The lock is free again, because the last reference to an entry takes it.
        let entries = entries.iter().filter_map(Weak::upgrade);
        entries.filter(|entry| entry.streams.load(Ordering::Relaxed) > 0).map(|entry| entry.id).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        lock(&self.0)
    }
}

impl Entry {
    /// The result of the last look-up, if it is recent.
    pub(super) fn fresh(self: &Arc<Self>, now: Millis) -> Option<Found> {
        let checked = self.checked().clone()?;
        let is_fresh = checked.at.elapsed() < CACHE_TIME && now < checked.expires_at && !self.is_closed();
        is_fresh.then(|| self.found(checked))
    }

    /// Stores what the database said; `None` if the session was closed in the meantime.
    pub(super) fn store(self: &Arc<Self>, user: User, expires_at: Millis) -> Option<Found> {
        let checked = Checked { user, expires_at, at: Instant::now() };
        *self.checked() = Some(checked.clone());
        (!self.is_closed()).then(|| self.found(checked))
    }

    fn found(self: &Arc<Self>, checked: Checked) -> Found {
        Found { entry: Arc::clone(self), user: checked.user, expires_at: checked.expires_at }
    }

    fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    fn checked(&self) -> MutexGuard<'_, Option<Checked>> {
        // It is replaced as a whole.
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(entries) = self.entries.upgrade() else { return };
        let mut entries = lock(&entries);
        // A closed session may have a new entry.
        if entries.by_id.get(&self.id).is_some_and(|entry| entry.strong_count() == 0) {
            entries.by_id.remove(&self.id);
        }
    }
}

fn lock(entries: &Mutex<Entries>) -> MutexGuard<'_, Entries> {
    // No change to the maps can panic halfway.
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_the_sessions_of_open_streams() {
        let cache = Cache::default();
        let streamed = SessionId::new();
        let stream = cache.entry(streamed);
        stream.streams.store(1, Ordering::Relaxed);
        for _ in 0..MAX_RECENT * 3 {
            cache.entry(SessionId::new());
        }
        assert_eq!(cache.lock().recent.len(), MAX_RECENT);
        assert_eq!(cache.lock().by_id.len(), MAX_RECENT + 1);
        assert_eq!(cache.streamed(), [streamed]);
        cache.close(streamed);
        assert!(stream.is_closed());
        assert!(!cache.entry(streamed).is_closed(), "a new look-up has a new entry");
        drop(stream);
        assert_eq!(cache.lock().by_id.len(), MAX_RECENT, "the new entry stays when the old one goes");
    }

    #[test]
    fn closing_everything_leaves_nothing() {
        let cache = Cache::default();
        let streams: Vec<_> = (0..3).map(|_| cache.entry(SessionId::new())).collect();
        cache.close_all();
        assert!(streams.iter().all(|stream| stream.is_closed()));
        drop(streams);
        assert!(cache.lock().by_id.is_empty());
    }
}
