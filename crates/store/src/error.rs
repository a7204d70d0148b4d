//! What can go wrong between a repository and its database.

/// A repository's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a repository and its database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DATABASE_URL` cannot be used; the text says why and shows a right one.
    #[error("DATABASE_URL: {0}")]
    Url(String),
    /// The database did not answer in time, is busy, or cannot be reached: a repeat may help.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no version of Kaiwa writes.
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
