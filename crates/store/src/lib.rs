//! Entities and repositories, on SQLite and on PostgreSQL.
//!
//! The only crate with SQL. A [`Store`] holds the pools; its repositories are views on it (`store.users()`, …), and
//! each of their methods is one transaction. Lookups return `Ok(None)` for what is not there; a method that takes an
//! owner treats a row of somebody else as not there.

pub mod conversations;
pub mod entities;
pub mod error;
pub mod generations;
pub mod messages;
pub mod sessions;
pub mod users;

pub use error::{Error, Result};

use conversations::Conversations;
use generations::Generations;
use messages::Messages;
use sessions::Sessions;
use users::Users;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Opens the database that `url` names (`DATABASE_URL`: `file:`, `sqlite:`, `postgres:`, `postgresql:`), making
    /// an SQLite file and its folder where there is none. Does not migrate.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] when the URL cannot be used, [`Error::Database`] when the database cannot be reached.
    pub async fn open(url: &str) -> Result<Self> {
        todo!()
    }

    /// Brings the schema up to date. Two servers that start at once take turns.
    pub async fn migrate(&self) -> Result<()> {
        todo!()
    }

    /// Asks the database whether it answers and the schema is the expected one.
    pub async fn ping(&self) -> Result<()> {
        todo!()
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        todo!()
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
}
