//! How many replies may be written at once, for one person and for everybody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::UserId;

use crate::{Limits, SendError};

/// What whoever found no place is told to wait: about as long as a short reply takes.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Counts the replies that are being written. Cheap to clone; all clones count together.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Shared>);

struct Shared {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_user: HashMap<UserId, usize>,
}

impl Gate {
    /// A gate with nobody inside.
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, taken: Mutex::default() }))
    }

    /// Takes places for `count` replies of `owner`: all of them or none.
    pub(crate) fn try_take(&self, owner: UserId, count: usize) -> Result<Vec<Permit>, SendError> {
        let limits = self.0.limits;
        let mut taken = self.lock();
        let own = taken.by_user.get(&owner).copied().unwrap_or_default();
        if own.saturating_add(count) > limits.per_user || taken.all.saturating_add(count) > limits.global {
            return Err(SendError::TooMany { retry_after: RETRY_AFTER });
        }
        taken.all += count;
        taken.by_user.insert(owner, own + count);
        Ok((0..count).map(|_| Permit { gate: self.clone(), owner }).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Two counters that are changed together without a call in between.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for one reply. Dropping it gives the place back, whatever way the reply ended.
pub(crate) struct Permit {
    gate: Gate,
    owner: UserId,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.gate.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by_user.get_mut(&self.owner) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.by_user.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(per_user: usize, global: usize) -> Gate {
        Gate::new(Limits { per_user, global, ..Limits::default() })
    }

    #[test]
    fn a_person_has_so_many_places_and_gets_them_back() {
        let gate = gate(2, 10);
        let ada = UserId::new();
        let mut held = gate.try_take(ada, 2).unwrap();
        assert!(matches!(gate.try_take(ada, 1), Err(SendError::TooMany { .. })));
        assert!(gate.try_take(UserId::new(), 1).is_ok(), "somebody else's places are their own");
        held.pop();
        assert!(gate.try_take(ada, 1).is_ok());
    }

    #[test]
    fn everybody_together_has_so_many_places() {
        let gate = gate(5, 3);
        let held = gate.try_take(UserId::new(), 2).unwrap();
        assert!(gate.try_take(UserId::new(), 2).is_err(), "all of them or none");
        let last = gate.try_take(UserId::new(), 1).unwrap();
        assert!(gate.try_take(UserId::new(), 1).is_err());
        drop((held, last));
        assert_eq!(gate.try_take(UserId::new(), 3).unwrap().len(), 3);
        assert!(gate.lock().by_user.is_empty(), "nobody is remembered for nothing");
    }
}
