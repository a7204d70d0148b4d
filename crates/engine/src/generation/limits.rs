//! The limits on replies that run at once, for one account and for all together.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::UserId;

use crate::{Limits, SendError};

/// `Retry-After` for a caller over the limit: about as long as a short reply takes.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Counts running replies. Cheap to clone; all clones count together.
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
    /// No reply is running.
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, taken: Mutex::default() }))
    }

    /// Takes permits for `count` replies of `owner`: all of them or none.
    pub(crate) fn try_take(&self, owner: UserId, count: usize) -> Result<Vec<Permit>, SendError> {
        let limits = self.0.limits;
        let mut taken = self.lock();
        let own = taken.by_user.get(&owner).copied().unwrap_or_default();
        if own.saturating_add(count) > limits.per_user || taken.all.saturating_add(count) > limits.global {
            return Err(SendError::OverLimit { retry_after: RETRY_AFTER });
        }
        taken.all += count;
        taken.by_user.insert(owner, own + count);
        Ok((0..count).map(|_| Permit { gate: self.clone(), owner }).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing can panic between the changes of the two counters.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to run one reply. Dropping it returns the permit, however the reply ended.
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
    fn an_account_has_a_limit_and_permits_return() {
        let gate = gate(2, 10);
        let ada = UserId::new();
        let mut held = gate.try_take(ada, 2).unwrap();
        assert!(matches!(gate.try_take(ada, 1), Err(SendError::OverLimit { .. })));
        assert!(gate.try_take(UserId::new(), 1).is_ok(), "another account has its own limit");
        held.pop();
        assert!(gate.try_take(ada, 1).is_ok());
    }

    #[test]
    fn all_accounts_share_a_global_limit() {
        let gate = gate(5, 3);
        let held = gate.try_take(UserId::new(), 2).unwrap();
        assert!(gate.try_take(UserId::new(), 2).is_err(), "all of them or none");
        let last = gate.try_take(UserId::new(), 1).unwrap();
        assert!(gate.try_take(UserId::new(), 1).is_err());
        drop((held, last));
        assert_eq!(gate.try_take(UserId::new(), 3).unwrap().len(), 3);
        assert!(gate.lock().by_user.is_empty(), "an account without replies is not kept");
    }
}
