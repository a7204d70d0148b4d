//! Logins.

use kaiwa_shared::{SessionId, UserId, auth::User, time::Millis};

use crate::{Result, Store, entities::Session};

/// The logins of a store.
pub struct Sessions<'a>(pub(crate) &'a Store);

impl Sessions<'_> {
    /// Stores a login.
    pub async fn create(&self, session: &Session) -> Result<()> { todo!() }

    /// A login that has not ended by `now`, with its account.
    pub async fn find_active(&self, id: SessionId, now: Millis) -> Result<Option<(Session, User)>> { todo!() }

    /// Moves the end of a login.
    pub async fn extend(&self, id: SessionId, expires_at: Millis) -> Result<()> { todo!() }

    /// Ends a login. `true` if it was there.
    pub async fn delete(&self, id: SessionId) -> Result<bool> { todo!() }

    /// Ends every login of an account but `keep`; gives the ended ones.
    pub async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<SessionId>> { todo!() }

    /// Removes logins that ended before `now`; how many.
    pub async fn purge(&self, now: Millis) -> Result<u64> { todo!() }
}
