//! Turns for each account: what takes much memory or time waits for other requests of the same account.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A number of slots for each account.
#[derive(Clone)]
pub(crate) struct Slots {
    count: usize,
    accounts: Arc<Mutex<HashMap<UserId, Arc<Semaphore>>>>,
}

impl Slots {
    /// `count` slots for each account.
    pub(crate) fn new(count: usize) -> Self {
        Self { count, accounts: Arc::default() }
    }

    /// Waits until one of the account's slots is free; `None` if that takes too long.
    pub(crate) async fn take(&self, owner: UserId, patience: Duration) -> Option<Slot> {
        let free =
            Arc::clone(self.lock().entry(owner).or_insert_with(|| Arc::new(Semaphore::new(self.count))));
        // Frees the entry even if the request is given up while it waits.
        let mut slot = Slot { permit: None, owner, slots: self.clone() };
        slot.permit = timeout(patience, free.acquire_owned()).await.ok().and_then(Result::ok);
        slot.permit.is_some().then_some(slot)
    }

    /// Whether no slot of any account is taken.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Arc<Semaphore>>> {
        // Every change is complete before the lock is released.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot that is taken until it is dropped.
pub(crate) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    owner: UserId,
    slots: Slots,
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut accounts = self.slots.lock();
        if accounts.get(&self.owner).is_some_and(|slots| Arc::strong_count(slots) == 1) {
            accounts.remove(&self.owner);
        }
    }
}
