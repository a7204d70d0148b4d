//! Errors of the store.

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DATABASE_URL` is unusable; the text says why and shows an example.
    #[error("DATABASE_URL: {0}")]
    Url(String),
    /// The database did not answer in time, is busy or full, or cannot be reached. A retry may help.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The schema was made by a newer version of Kaiwa.
    #[error(
        "the database was last used by a newer version of Kaiwa (schema {found}, this version knows {known}); \
         start that version or a later one, or restore the backup made before the upgrade"
    )]
    NewerSchema {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration of this version.
        known: i64,
    },
    /// The schema is older than this version needs.
    #[error(
        "the database schema is out of date (schema {found}, this version needs {known}); run the migrations"
    )]
    OlderSchema {
        /// The newest migration in the database; 0 if there is none.
        found: i64,
        /// The newest migration of this version.
        known: i64,
    },
    /// A row has a value that no version of Kaiwa writes.
    #[error("table {table}, column {column}, row {row}: {detail}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl Error {
    /// Whether the operation may have succeeded and only its answer was lost.
    pub fn may_be_done(&self) -> bool {
        use sqlx::Error::{Database, Io, Protocol, Tls, WorkerCrashed};
        match self {
            Self::Unavailable(Io(_) | Tls(_) | Protocol(_) | WorkerCrashed) => true,
            Self::Unavailable(Database(error)) => {
                error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                    && error.code().is_some_and(|code| crate::db::sqlite::may_be_done(&code))
            }
            _ => false,
        }
    }

    /// Whether the database is not available, so that the same operation may succeed later.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether a statement named a missing table. SQLite has no error code for that.
    pub(crate) fn is_missing_table(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error))
            if error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table"))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::Execute(error) if is_transient(&error) => Self::Unavailable(error),
            other => Self::Migrate(other),
        }
    }
}

/// Whether the same statement may succeed later without any change.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => match error.code() {
            Some(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => {
                crate::db::sqlite::is_transient(&code)
            }
            Some(code) => crate::db::postgres::is_transient(&code),
            None => false,
        },
        _ => false,
    }
}
