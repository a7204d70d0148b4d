//! Entities and repositories, on SQLite and on PostgreSQL.
//!
//! The only crate with SQL. A [`Store`] holds the pools; its repositories are views on it (`store.users()`, …), and
//! each of their methods is one transaction. Lookups return `Ok(None)` for what is not there; a method that takes an
//! owner treats a row of somebody else as not there.
//!
//! A statement is written once for both engines, in the repository that needs it; where the engines differ, the
//! private modules `db::sqlite` and `db::postgres` have the same functions. A new table comes with a migration of the
//! same name in `migrations/sqlite` and `migrations/postgres`, and a new method with a scenario in
//! `tests/conformance`, which runs on both.

mod branches;
pub mod conversations;
mod db;
mod digest;
pub mod entities;
pub mod error;
mod fork;
pub mod generations;
mod group;
mod location;
pub mod messages;
mod natives;
pub mod queue;
mod rows;
pub mod sessions;
mod text;
mod turn_rows;
mod turns;
pub mod users;

pub use error::{Error, Result};

use conversations::Conversations;
use db::Db;
use generations::Generations;
use group::Group;
use location::Location;
use messages::Messages;
use queue::Queue;
use sessions::Sessions;
use users::Users;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
    /// The PostgreSQL schema that `DATABASE_URL` names, if any.
    schema: Option<String>,
    group: Group,
}

impl Store {
    /// Opens the database that `url` names (`DATABASE_URL`: `file:`, `sqlite:`, `postgres:`, `postgresql:`), making
    /// an SQLite file and its folder where there is none. Does not migrate.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] when the URL or the file that it names cannot be used, [`Error::Unavailable`] when the server
    /// does not answer, [`Error::Database`] when it refuses us.
    pub async fn open(url: &str) -> Result<Self> {
        match Location::parse(url)? {
            Location::Sqlite(path) => Ok(Self::on(Db::Sqlite(db::sqlite::open(&path).await?), None)),
            Location::Postgres { options, schema } => {
                Ok(Self::on(Db::Postgres(db::postgres::open(*options).await?), schema))
            }
        }
    }

    fn on(db: Db, schema: Option<String>) -> Self {
        Self { db, schema, group: Group::default() }
    }

    /// Brings the schema up to date. Two servers that start at once take turns.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] when a newer version of Kaiwa used the database, [`Error::Migrate`] when a migration
    /// fails; nothing of that migration stays.
    pub async fn migrate(&self) -> Result<()> {
        match &self.db {
            Db::Sqlite(pools) => db::sqlite::migrate(pools).await,
            Db::Postgres(pool) => db::postgres::migrate(pool, self.schema.as_deref()).await,
        }
    }

    /// Asks the database whether it answers and the schema is the expected one. A newer schema is good enough: while
    /// a new version is rolled out the old one goes on.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it does not answer, [`Error::OlderSchema`] when migrations are missing.
    pub async fn ping(&self) -> Result<()> {
        let known = match &self.db {
            Db::Sqlite(_) => db::newest(&db::sqlite::migrator()),
            Db::Postgres(_) => db::newest(&db::postgres::migrator()),
        };
        let mut reader = self.db.reader().await?;
        let found = match db::fetch_optional!(
            reader,
            (Option<i64>,),
            "SELECT MAX(version) FROM _sqlx_migrations WHERE success"
        ) {
            Ok(newest) => newest.and_then(|(version,)| version).unwrap_or_default(),
            Err(error) if error.is_missing_table() => 0,
            Err(error) => return Err(error),
        };
        if found < known { Err(Error::OlderSchema { found, known }) } else { Ok(()) }
    }

    /// Reads the whole database and says what is damaged in it; empty if nothing is. PostgreSQL sees to that itself.
    pub async fn damages(&self) -> Result<Vec<String>> {
        match &self.db {
            Db::Sqlite(pools) => db::sqlite::damages(pools).await,
            Db::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Accounts.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }

    /// Logins.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    /// Conversations.
    pub fn conversations(&self) -> Conversations<'_> {
        Conversations(self)
    }

    /// Messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }

    /// Generations.
    pub fn generations(&self) -> Generations<'_> {
        Generations(self)
    }
    /// Messages that wait to be sent.
    pub fn queue(&self) -> Queue<'_> {
        Queue(self)
    }
}
