//! One database behind two drivers.
//!
//! Both drivers take `$1`, so a repository writes a statement once and the macros of this module run it on whichever
//! engine there is. What the engines do differently lies in [`sqlite`] and [`postgres`], two modules with the same
//! functions.

pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod sqlite_quick;
mod sqlite_writer;

use sqlx::{
    PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, Transaction, migrate::Migrator,
    pool::PoolConnection,
};
use uuid::Uuid;

use crate::{Error, Result};

/// The state of a running reply, ready to be saved.
pub(crate) struct SavedState {
    pub(crate) generation_id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) parts: String,
    pub(crate) natives: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) sequence: i64,
}

/// The pools of the one engine in use.
#[derive(Clone)]
pub(crate) enum Db {
    Sqlite(sqlite::Pools),
    Postgres(PgPool),
}

/// A connection for statements that only read.
pub(crate) enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A transaction that may write. Dropped without [`Tx::commit`], it leaves no trace.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// What a statement runs on.
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Db {
    /// A connection for reading.
    pub(crate) async fn reader(&self) -> Result<Reader> {
        Ok(match self {
            Self::Sqlite(pools) => Reader::Sqlite(pools.readers.acquire().await?),
            Self::Postgres(pool) => Reader::Postgres(pool.acquire().await?),
        })
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite(pools) => Tx::Sqlite(sqlite::begin(pools).await?),
            Self::Postgres(pool) => Tx::Postgres(postgres::begin(pool).await?),
        })
    }

    /// Saves the states of running replies, all in one transaction. A reply that is gone, has ended or is already
    /// further is left alone.
    pub(crate) async fn save_states(&self, states: Vec<SavedState>) -> Result<()> {
        match self {
            Self::Sqlite(pools) => sqlite::save_states(pools, states).await,
            Self::Postgres(pool) => postgres::save_states(pool, states).await,
        }
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

impl Reader {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(conn) => Conn::Sqlite(conn),
            Self::Postgres(conn) => Conn::Postgres(conn),
        }
    }
}

impl Tx {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(tx) => Conn::Sqlite(tx),
            Self::Postgres(tx) => Conn::Postgres(tx),
        }
    }

    /// Makes what was written last.
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Lets one registration at a time go on from here, until its transaction ends.
    pub(crate) async fn lock_registrations(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()), // An immediate transaction is alone.
            Self::Postgres(tx) => postgres::lock_registrations(tx).await,
        }
    }

    /// Lets one transaction at a time go on from here for this account, until it ends.
    pub(crate) async fn lock_user(&mut self, id: Uuid) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()), // An immediate transaction is alone.
            Self::Postgres(tx) => postgres::lock_user(tx, id).await,
        }
    }
}

/// The newest migration that `migrator` embeds.
pub(crate) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// What a failed migration means to the one who started the server.
pub(crate) fn migrate_error(migrator: &Migrator, error: sqlx::migrate::MigrateError) -> Error {
    let known = newest(migrator);
    match error {
        sqlx::migrate::MigrateError::VersionMissing(found) if found > known => {
            Error::NewerSchema { found, known }
        }
        other => other.into(),
    }
}

/// Runs a statement: `execute!(tx, "…", bind, …)` gives the number of rows that it touched.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.conn() {
            $crate::db::Conn::Sqlite(conn) => {
                sqlx::query($sql)$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected())
            }
            $crate::db::Conn::Postgres(conn) => {
                sqlx::query($sql)$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::Error::from)
    };
}

/// Runs a query: `fetch_optional!(tx, Row, "…", bind, …)` gives a row or none.
macro_rules! fetch_optional {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.conn() {
            $crate::db::Conn::Sqlite(conn) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn).await
            }
            $crate::db::Conn::Postgres(conn) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn).await
            }
        }
        .map_err($crate::Error::from)
    };
}

/// Runs a query: `fetch_all!(tx, Row, "…", bind, …)` gives every row.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.conn() {
            $crate::db::Conn::Sqlite(conn) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn).await
            }
            $crate::db::Conn::Postgres(conn) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn).await
            }
        }
        .map_err($crate::Error::from)
    };
}

/// Runs statements that write, by one hand-over to the database, which is most of what a small statement costs:
/// `together!(tx, [name: "…", …], "…", bind, …)`. All share the numbered binds. SQLite runs them in their order, PostgreSQL as one
/// statement, so none may depend on what another one writes, and no two may touch the same row.
macro_rules! together {
    ($on:expr, [$first:ident: $first_sql:literal $(, $name:ident: $sql:literal)* $(,)?], $last:literal
     $(, $bind:expr)* $(,)?) => {
        match $on.conn() {
            $crate::db::Conn::Sqlite(conn) => sqlx::query(concat!($first_sql, "; ", $($sql, "; ",)* $last))
                $(.bind($bind))*
                .execute(conn)
                .await
                .map(drop),
            $crate::db::Conn::Postgres(conn) => sqlx::query(concat!(
                "WITH ", stringify!($first), " AS (", $first_sql, ")",
                $(", ", stringify!($name), " AS (", $sql, ")",)* " ", $last
            ))
            $(.bind($bind))*
            .execute(conn)
            .await
            .map(drop),
        }
        .map_err($crate::Error::from)
    };
}

pub(crate) use {execute, fetch_all, fetch_optional, together};
