//! One database behind two drivers.
//!
//! Both drivers take `$1`, so a repository writes a statement once and the macros of this module run it on whichever
//! engine is in use. What the engines do differently lies in [`sqlite`] and [`postgres`], two modules with the same
//! functions.

pub(crate) mod postgres;
pub(crate) mod sqlite;
mod sqlite_writer;

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, Transaction, migrate::Migrator};
use uuid::Uuid;

use crate::{Error, Result};
use sqlite_writer::WriteTx;

/// The connections of the engine in use.
#[derive(Clone)]
pub(crate) enum Db {
    Sqlite(sqlite::Pools),
    Postgres(PgPool),
}

/// A transaction.
pub(crate) enum DbTx {
    SqliteRead(Transaction<'static, Sqlite>),
    SqliteWrite(WriteTx),
    Postgres(Transaction<'static, Postgres>),
}

/// What a statement runs on.
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Db {
    /// Begins a transaction that only reads.
    pub(crate) async fn begin_read(&self) -> Result<DbTx> {
        Ok(match self {
            Self::Sqlite(pools) => DbTx::SqliteRead(pools.readers.begin().await?),
            Self::Postgres(pool) => DbTx::Postgres(postgres::begin_read(pool).await?),
        })
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<DbTx> {
        Ok(match self {
            Self::Sqlite(pools) => DbTx::SqliteWrite(pools.writer.begin().await?),
            Self::Postgres(pool) => DbTx::Postgres(postgres::begin(pool).await?),
        })
    }

    /// Closes every connection once its statement is done.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => {
                // The last connection to close writes the log back into the file, which only the writer may do.
                pools.readers.close().await;
                pools.writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl DbTx {
    pub(crate) fn conn(&mut self) -> sqlx::Result<Conn<'_>> {
        Ok(match self {
            Self::SqliteRead(tx) => Conn::Sqlite(tx),
            Self::SqliteWrite(tx) => Conn::Sqlite(tx.conn()?),
            Self::Postgres(tx) => Conn::Postgres(tx),
        })
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::SqliteRead(tx) => tx.commit().await?,
            Self::SqliteWrite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Waits for other registrations to end and blocks new ones until this transaction ends.
    pub(crate) async fn lock_registrations(&mut self) -> Result<()> {
        match self {
            // SQLite has one writer at a time.
            Self::SqliteRead(_) | Self::SqliteWrite(_) => Ok(()),
            Self::Postgres(tx) => postgres::lock_registrations(tx).await,
        }
    }

    /// Waits for other transactions that locked this account and blocks new ones until this transaction ends.
    pub(crate) async fn lock_user(&mut self, id: Uuid) -> Result<()> {
        match self {
            // SQLite has one writer at a time.
            Self::SqliteRead(_) | Self::SqliteWrite(_) => Ok(()),
            Self::Postgres(tx) => postgres::lock_user(tx, id).await,
        }
    }
}

/// The newest migration that `migrator` embeds.
pub(crate) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Converts a failed migration; a database that a newer version used has an error of its own.
pub(crate) fn migrate_error(migrator: &Migrator, error: sqlx::migrate::MigrateError) -> Error {
    let known = newest(migrator);
    match error {
        sqlx::migrate::MigrateError::VersionMissing(found) if found > known => {
            Error::NewerSchema { found, known }
        }
        other => other.into(),
    }
}

/// Runs a statement: `execute!(tx, "…", bind, …)` returns the number of affected rows.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx.conn() {
            Ok($crate::db::Conn::Sqlite(conn)) => {
                sqlx::query($sql)$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected())
            }
            Ok($crate::db::Conn::Postgres(conn)) => {
                sqlx::query($sql)$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected())
            }
            Err(error) => Err(error),
        }
        .map_err($crate::Error::from)
    };
}

/// Runs a query: `fetch_optional!(tx, Row, "…", bind, …)` returns one row or `None`.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx.conn() {
            Ok($crate::db::Conn::Sqlite(conn)) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn).await
            }
            Ok($crate::db::Conn::Postgres(conn)) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn).await
            }
            Err(error) => Err(error),
        }
        .map_err($crate::Error::from)
    };
}

/// Runs a query: `fetch_one!(tx, Row, "…", bind, …)` returns one row and fails if there is none.
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::fetch_optional!($tx, $row, $sql $(, $bind)*)
            .and_then(|row| row.ok_or(sqlx::Error::RowNotFound.into()))
    };
}

/// Runs a query: `fetch_all!(tx, Row, "…", bind, …)` returns every row.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx.conn() {
            Ok($crate::db::Conn::Sqlite(conn)) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn).await
            }
            Ok($crate::db::Conn::Postgres(conn)) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn).await
            }
            Err(error) => Err(error),
        }
        .map_err($crate::Error::from)
    };
}

pub(crate) use {execute, fetch_all, fetch_one, fetch_optional};
