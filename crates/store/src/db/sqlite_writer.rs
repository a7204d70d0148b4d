//! The one connection to SQLite that writes.

use std::sync::Arc;

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions},
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use super::sqlite::ACQUIRE_TIMEOUT;

/// One connection, so that writers queue here instead of failing with "database is locked".
///
/// A pool asks a connection that comes back whether it still works, and the thread of the connection is woken for that
/// once more. So the connection is kept between statements that stand alone, which are those of nearly every message.
#[derive(Clone)]
pub(crate) struct Writer {
    /// Has room for one connection.
    pool: SqlitePool,
    /// The connection while nobody writes. Only who holds the lock waits for the pool.
    kept: Arc<Mutex<Option<PoolConnection<Sqlite>>>>,
}

impl Writer {
    /// A writer with the one connection of `pool`.
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool, kept: Arc::default() }
    }

    /// What its connection is opened with.
    pub(crate) fn options(&self) -> SqliteConnectOptions {
        self.pool.connect_options().as_ref().clone()
    }

    /// Begins a transaction by this statement. Its connection comes from the pool and goes back there with its end.
    pub(crate) async fn begin(&self, statement: &'static str) -> sqlx::Result<Transaction<'static, Sqlite>> {
        let mut kept = self.lock().await?;
        drop(kept.take());
        self.pool.begin_with(statement).await
    }

    /// Runs a statement that stands alone; when this returns, it is committed.
    pub(crate) async fn execute(&self, query: Query<'_, Sqlite, SqliteArguments>) -> sqlx::Result<()> {
        let mut kept = self.lock().await?;
        let mut conn = match kept.take() {
            Some(conn) => conn,
            None => self.pool.acquire().await?,
        };
        let result = query.execute(&mut *conn).await;
        // After any other error the pool finds out whether the connection still works.
        if matches!(result, Ok(_) | Err(sqlx::Error::Database(_))) {
            *kept = Some(conn);
        }
        result.map(drop)
    }

    /// Closes the connection once its statement is done.
    pub(crate) async fn close(&self) {
        drop(self.kept.lock().await.take());
        self.pool.close().await;
    }

    async fn lock(&self) -> sqlx::Result<MutexGuard<'_, Option<PoolConnection<Sqlite>>>> {
        timeout(ACQUIRE_TIMEOUT, self.kept.lock()).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)
    }
}
