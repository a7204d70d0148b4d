//! Logins.

use kaiwa_shared::{SessionId, UserId, auth::User, time::Millis};
use uuid::Uuid;

use crate::{
    Result, Store,
    db::{execute, fetch_all, fetch_optional},
    entities::Session,
    rows::{SessionRow, user_columns},
};

/// The logins of a store.
pub struct Sessions<'a>(pub(crate) &'a Store);

impl Sessions<'_> {
    /// Stores a login.
    pub async fn create(&self, session: &Session) -> Result<()> {
        let mut tx = self.0.db.begin().await?;
        execute!(
            tx,
            "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            session.id.as_uuid(),
            session.user_id.as_uuid(),
            session.created_at.0,
            session.expires_at.0,
        )?;
        tx.commit().await
    }

    /// A login that has not ended by `now`, with its account.
    pub async fn find_active(&self, id: SessionId, now: Millis) -> Result<Option<(Session, User)>> {
        let mut reader = self.0.db.reader().await?;
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            ", s.id AS session_id, s.created_at AS session_created_at, s.expires_at AS session_expires_at
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.id = $1 AND s.expires_at > $2"
        );
        fetch_optional!(reader, SessionRow, sql, id.as_uuid(), now.0)?.map(TryInto::try_into).transpose()
    }

    /// Moves the end of a login.
    pub async fn extend(&self, id: SessionId, expires_at: Millis) -> Result<()> {
        let mut tx = self.0.db.begin().await?;
        execute!(tx, "UPDATE sessions SET expires_at = $2 WHERE id = $1", id.as_uuid(), expires_at.0)?;
        tx.commit().await
    }

    /// Ends a login. `true` if it was there.
    pub async fn delete(&self, id: SessionId) -> Result<bool> {
        let mut tx = self.0.db.begin().await?;
        let ended = execute!(tx, "DELETE FROM sessions WHERE id = $1", id.as_uuid())?;
        tx.commit().await?;
        Ok(ended == 1)
    }

    /// Ends every login of an account but `keep`; gives the ended ones.
    pub async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<SessionId>> {
        let mut tx = self.0.db.begin().await?;
        let ended = fetch_all!(
            tx,
            (Uuid,),
            "DELETE FROM sessions WHERE user_id = $1 AND ($2 IS NULL OR id <> $2) RETURNING id",
            user.as_uuid(),
            keep.map(|id| id.as_uuid()),
        )?;
        tx.commit().await?;
        Ok(ended.into_iter().map(|(id,)| SessionId::from_uuid(id)).collect())
    }

    /// Removes logins that ended before `now`; how many.
    pub async fn purge(&self, now: Millis) -> Result<u64> {
        let mut tx = self.0.db.begin().await?;
        let purged = execute!(tx, "DELETE FROM sessions WHERE expires_at <= $1", now.0)?;
        tx.commit().await?;
        Ok(purged)
    }
}
