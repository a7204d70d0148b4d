//! Entities and repositories, on SQLite and on PostgreSQL.
//!
//! The only crate with SQL. [`Store::begin`] starts a unit of work, a [`Tx`]; its repositories (`tx.users()`, …) read
//! and write in it, and the caller commits it once. [`Store::read`] starts one that only reads. Lookups return
//! `Ok(None)` for what does not exist, and a method that takes an owner treats another owner's row the same way.
//!
//! The code is grouped by aggregate: `accounts`, `chat`, `files` and `generations`. A statement is written once for both engines,
//! in the repository that needs it; where the engines differ, the private modules `db::sqlite` and `db::postgres` have
//! the same functions. A new table comes with a migration of the same name in `migrations/sqlite` and
//! `migrations/postgres`, and a new method with a scenario in `tests/conformance`, which runs on both.

pub mod accounts;
pub mod chat;
mod db;
pub mod error;
pub mod files;
pub mod generations;
mod json;
mod location;
mod text;
mod tx;

pub use error::{Error, Result};
pub use tx::Tx;

use std::path::{Path, PathBuf};

use db::Db;
use location::Location;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
    /// The PostgreSQL schema that `DATABASE_URL` names, if any.
    schema: Option<String>,
    /// The SQLite file.
    file: Option<PathBuf>,
}

impl Store {
    /// Opens the database that `url` names (`DATABASE_URL`: `file:`, `sqlite:`, `postgres:`, `postgresql:`) and creates
    /// an SQLite file and its folder if there is none. Does not migrate.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] when the URL or the file that it names cannot be used, [`Error::Unavailable`] when the server
    /// does not answer, [`Error::Database`] when it refuses the connection.
    pub async fn open(url: &str) -> Result<Self> {
        Ok(match Location::parse(url)? {
            Location::Sqlite(path) => {
                Self { db: Db::Sqlite(db::sqlite::open(&path).await?), schema: None, file: Some(path) }
            }
            Location::Postgres { options, schema } => {
                Self { db: Db::Postgres(db::postgres::open(*options).await?), schema, file: None }
            }
        })
    }

    /// The database file, on SQLite.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Begins a unit of work. On SQLite one runs at a time, so nothing slow may happen before it is committed.
    pub async fn begin(&self) -> Result<Tx> {
        self.db.begin().await.map(Tx)
    }

    /// Begins a unit of work that only reads and sees one state of the database throughout.
    pub async fn read(&self) -> Result<Tx> {
        self.db.begin_read().await.map(Tx)
    }

    /// Brings the schema up to date. Two servers that start at once take turns.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] when a newer version of Kaiwa used the database, [`Error::Migrate`] when a migration
    /// fails; the failed migration is rolled back.
    pub async fn migrate(&self) -> Result<()> {
        match &self.db {
            Db::Sqlite(pools) => db::sqlite::migrate(pools).await,
            Db::Postgres(pool) => db::postgres::migrate(pool, self.schema.as_deref()).await,
        }
    }

    /// Checks that the database can be written and that the schema is at least the expected one. A newer schema is
    /// accepted: while a new version is rolled out the old one keeps serving.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it does not answer or its disk is full, [`Error::OlderSchema`] when migrations are
    /// missing.
    pub async fn ping(&self) -> Result<()> {
        let known = match &self.db {
            Db::Sqlite(_) => db::newest(&db::sqlite::migrator()),
            Db::Postgres(_) => db::newest(&db::postgres::migrator()),
        };
        let mut tx = self.begin().await?;
        let found = match db::fetch_optional!(
            tx,
            (Option<i64>,),
            "SELECT MAX(version) FROM _sqlx_migrations WHERE success"
        ) {
            Ok(newest) => newest.and_then(|(version,)| version).unwrap_or_default(),
            Err(error) if error.is_missing_table() => 0,
            Err(error) => return Err(error),
        };
        if found < known {
            return Err(Error::OlderSchema { found, known });
        }
        tx.runners().write_probe().await?;
        tx.commit().await?;
        match &self.file {
            Some(file) => db::sqlite::check_space(file).await,
            None => Ok(()),
        }
    }

    /// Reads the whole database and lists what is damaged in it. Always empty on PostgreSQL, which checks itself.
    pub async fn damages(&self) -> Result<Vec<String>> {
        match &self.db {
            Db::Sqlite(pools) => db::sqlite::damages(pools).await,
            Db::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Waits for running transactions and closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }
}
