//! Logins.

use std::sync::LazyLock;

use kaiwa_shared::{SessionId, UserId, auth::User, time::Millis};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Session,
    rows::{SessionRow, user_columns},
};
use crate::{
    Result, Tx,
    db::{Conn, DbTx, execute, fetch_all, fetch_optional},
};

/// Maximum number of logins in one call of [`Sessions::filter_active`].
pub const MAX_CHECKED: usize = 100;

static FILTER_ACTIVE: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<String> = (2..MAX_CHECKED + 2).map(|place| format!("${place}")).collect();
    format!("SELECT id FROM sessions WHERE expires_at > $1 AND id IN ({})", places.join(", "))
});

/// The repository of logins.
pub struct Sessions<'t>(pub(crate) &'t mut Tx);

impl Sessions<'_> {
    /// Stores a login of an account whose password still has this hash; `false` if it has another one. A change of the
    /// password that runs at the same time comes either before it or after it.
    #[tracing::instrument(name = "store.sessions.create", level = "debug", skip_all)]
    pub async fn create(&mut self, session: &Session, password_hash: &str) -> Result<bool> {
        macro_rules! insert {
            ($lock:literal) => {
                concat!(
                    "INSERT INTO sessions (id, user_id, created_at, expires_at)
                     SELECT $1, u.id, $3, $4 FROM users u WHERE u.id = $2 AND u.password_hash = $5",
                    $lock
                )
            };
        }
        let sql = match self.0.0 {
            // SQLite has one writer at a time.
            DbTx::SqliteRead(_) | DbTx::SqliteWrite(_) => insert!(""),
            // Waits for a change of the password, then compares again.
            DbTx::Postgres(_) => insert!(" FOR SHARE OF u"),
        };
        let created = execute!(
            self.0,
            sql,
            session.id.as_uuid(),
            session.user_id.as_uuid(),
            session.created_at.0,
            session.expires_at.0,
            password_hash,
        )?;
        Ok(created == 1)
    }

    /// A login that has not expired by `now`, with its account.
    #[tracing::instrument(name = "store.sessions.find_active", level = "debug", skip_all)]
    pub async fn find_active(&mut self, id: SessionId, now: Millis) -> Result<Option<(Session, User)>> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            ", s.id AS session_id, s.created_at AS session_created_at, s.expires_at AS session_expires_at
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.id = $1 AND s.expires_at > $2"
        );
        fetch_optional!(self.0, SessionRow, sql, id.as_uuid(), now.0)?.map(TryInto::try_into).transpose()
    }

    /// Those of at most [`MAX_CHECKED`] logins that have not expired by `now`.
    #[tracing::instrument(name = "store.sessions.filter_active", level = "debug", skip_all)]
    pub async fn filter_active(&mut self, ids: &[SessionId], now: Millis) -> Result<Vec<SessionId>> {
        /// Binds `now` and then the ids. The last id fills the remaining places, so that there is only one statement.
        macro_rules! fetch {
            ($conn:expr) => {{
                let mut query =
                    sqlx::query_as::<_, (Uuid,)>(AssertSqlSafe(FILTER_ACTIVE.as_str())).bind(now.0);
                for at in 0..MAX_CHECKED {
                    query = query.bind(ids.get(at).or(ids.last()).map(|id| id.as_uuid()));
                }
                query.fetch_all($conn).await
            }};
        }
        let active = match self.0.conn()? {
            Conn::Sqlite(conn) => fetch!(conn),
            Conn::Postgres(conn) => fetch!(conn),
        };
        Ok(active?.into_iter().map(|(id,)| SessionId::from_uuid(id)).collect())
    }

    /// Changes when a login expires.
    #[tracing::instrument(name = "store.sessions.extend", level = "debug", skip_all)]
    pub async fn extend(&mut self, id: SessionId, expires_at: Millis) -> Result<()> {
        execute!(self.0, "UPDATE sessions SET expires_at = $2 WHERE id = $1", id.as_uuid(), expires_at.0)?;
        Ok(())
    }

    /// Ends a login; `true` if it existed.
    #[tracing::instrument(name = "store.sessions.delete", level = "debug", skip_all)]
    pub async fn delete(&mut self, id: SessionId) -> Result<bool> {
        let ended = execute!(self.0, "DELETE FROM sessions WHERE id = $1", id.as_uuid())?;
        Ok(ended == 1)
    }

    /// Ends every login of an account except `keep`; returns the ended ones.
    #[tracing::instrument(name = "store.sessions.delete_others", level = "debug", skip_all)]
    pub async fn delete_others(&mut self, user: UserId, keep: Option<SessionId>) -> Result<Vec<SessionId>> {
        let ended = fetch_all!(
            self.0,
            (Uuid,),
            "DELETE FROM sessions WHERE user_id = $1 AND ($2 IS NULL OR id <> $2) RETURNING id",
            user.as_uuid(),
            keep.map(|id| id.as_uuid()),
        )?;
        Ok(ended.into_iter().map(|(id,)| SessionId::from_uuid(id)).collect())
    }

    /// Deletes logins that expired by `now`; returns their number.
    #[tracing::instrument(name = "store.sessions.purge", level = "debug", skip_all)]
    pub async fn purge(&mut self, now: Millis) -> Result<u64> {
        let purged = execute!(self.0, "DELETE FROM sessions WHERE expires_at <= $1", now.0)?;
        Ok(purged)
    }
}
