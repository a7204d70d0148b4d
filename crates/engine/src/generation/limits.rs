//! The limits on replies that run at once, for one account and for all together.

use std::{sync::Arc, time::Duration};

use kaiwa_bus::{Bus, Limit, OverLimit, Permit};
use kaiwa_shared::UserId;

use crate::{Limits, SendError};

/// `Retry-After` for a caller over the limit: about as long as a short reply takes.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The key that counts the replies of all accounts.
const ALL: &str = "replies";

/// Counts running replies, in all processes together. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gate {
    bus: Arc<dyn Bus>,
    limits: Limits,
}

impl Gate {
    pub(crate) fn new(bus: Arc<dyn Bus>, limits: Limits) -> Self {
        Self { bus, limits }
    }

    /// Takes permits for `count` replies of `owner`: all of them or none. Each counts its reply until it is dropped.
    pub(crate) async fn try_take(&self, owner: UserId, count: usize) -> Result<Vec<Permit>, SendError> {
        let limits = [
            Limit { key: format!("{ALL}:{owner}"), max: self.limits.per_user },
            Limit { key: ALL.to_owned(), max: self.limits.global },
        ];
        let permits = self.bus.acquire(&limits, count).await;
        permits.map_err(|OverLimit| SendError::OverLimit { retry_after: RETRY_AFTER })
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_bus::LocalBus;

    use super::*;

    fn gate(per_user: usize, global: usize) -> Gate {
        Gate::new(Arc::new(LocalBus::new()), Limits { per_user, global, ..Limits::default() })
    }

    #[tokio::test]
    async fn an_account_has_a_limit_and_permits_return() {
        let gate = gate(2, 10);
        let ada = UserId::new();
        let mut held = gate.try_take(ada, 2).await.unwrap();
        assert!(matches!(gate.try_take(ada, 1).await, Err(SendError::OverLimit { .. })));
        assert!(gate.try_take(UserId::new(), 1).await.is_ok(), "another account has its own limit");
        held.pop();
        assert!(gate.try_take(ada, 1).await.is_ok());
    }

    #[tokio::test]
    async fn all_accounts_share_a_global_limit() {
        let gate = gate(5, 3);
        let held = gate.try_take(UserId::new(), 2).await.unwrap();
        assert!(gate.try_take(UserId::new(), 2).await.is_err(), "all of them or none");
        let last = gate.try_take(UserId::new(), 1).await.unwrap();
        assert!(gate.try_take(UserId::new(), 1).await.is_err());
        drop((held, last));
        assert_eq!(gate.try_take(UserId::new(), 3).await.unwrap().len(), 3);
    }
}
