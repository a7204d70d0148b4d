//! SQLite: one connection that writes, a few that read.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::sqlite_writer::Writer;
use crate::{Error, Result};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a migration waits for another server that is migrating.
const MIGRATION_TIMEOUT: Duration = Duration::from_mins(2);
/// How long a request waits for a connection that reads.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Number of connections that read. Each has a thread and a page cache, and reads are short.
const READERS: u32 = 4;
/// Pages in the write-ahead log before they are written back to the file: 16 MiB. Running replies change the same pages
/// again and again, and each page is written back once.
const JOURNAL_PAGES: &str = "4096";
/// Size of the file that is written to find out whether the disk is full.
const PROBE_BYTES: usize = 64 * 1024;
/// Maximum size of the write-ahead log that is kept after a burst, in bytes.
const JOURNAL_LIMIT: &str = "67108864";

/// The connections of a database file.
#[derive(Clone)]
pub(crate) struct Pools {
    /// The one connection that writes.
    pub(crate) writer: Writer,
    /// The connections that only read.
    pub(crate) readers: SqlitePool,
}

/// The embedded migrations.
pub(crate) fn migrator() -> Migrator {
    sqlx::migrate!("../../migrations/sqlite")
}

/// Opens the file and creates it and its folder if they do not exist.
pub(crate) async fn open(path: &Path) -> Result<Pools> {
    create_private(path).map_err(|error| cannot_open(path, &error.to_string()))?;
    // An acknowledged write survives a power cut only with `synchronous=FULL`: in WAL mode, `NORMAL` may lose it.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        // Only sorting uses temporary storage, and no folder for it is needed.
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", JOURNAL_PAGES)
        .pragma("journal_size_limit", JOURNAL_LIMIT);
    switch_to_wal(path, &options).await?;
    let writer = Writer::new(options.clone());
    let readers = SqlitePoolOptions::new()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_connections(READERS)
        // An open file does not go away, so connections are neither replaced nor tested.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // SQLite ends a transaction by itself when the disk fails. The driver's own rollback then fails as well, and
        // the connection would refuse every later transaction.
        .before_acquire(|conn, _| Box::pin(async { Ok(!conn.is_in_transaction()) }))
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Pools { writer, readers })
}

/// Brings the schema up to date in one transaction, one server at a time.
pub(crate) async fn migrate(pools: &Pools) -> Result<()> {
    let migrator = migrator();
    let mut conn = pools.writer.options().clone().busy_timeout(MIGRATION_TIMEOUT).connect().await?;
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    migrator
        .run_direct(None, &mut *tx, false)
        .await
        .map_err(|error| super::migrate_error(&migrator, error))?;
    tx.commit().await?;
    conn.close().await?;
    Ok(())
}

/// Checks that there is room for more than what a small transaction takes: one of those may fit into the rest of a block.
pub(crate) async fn check_space(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        // A file without a name, so that a crash leaves nothing behind.
        tempfile::tempfile_in(folder)?.write_all(&vec![0; PROBE_BYTES])
    });
    let checked = checked.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
    Ok(checked.map_err(sqlx::Error::Io)?)
}

/// Lists damaged pages and rows whose foreign keys are missing.
pub(crate) async fn damages(pools: &Pools) -> Result<Vec<String>> {
    let found: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check").fetch_all(&pools.readers).await?;
    let mut damages: Vec<String> =
        found.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect();
    let orphans: Vec<(String, Option<i64>)> =
        sqlx::query_as("SELECT \"table\", rowid FROM pragma_foreign_key_check")
            .fetch_all(&pools.readers)
            .await?;
    damages.extend(
        orphans.into_iter().map(|(table, row)| format!("a row of {table} ({row:?}) refers to nothing")),
    );
    Ok(damages)
}

/// Whether an error with this code is transient: the database is busy or locked, or the disk is full, read-only or
/// failing.
pub(crate) fn is_transient(code: &str) -> bool {
    is_busy(code) || matches!(primary(code), Some(8 | 10 | 13 | 14))
}

/// Whether a statement that failed with this code, an error of the disk, may have been done.
pub(crate) fn may_be_done(code: &str) -> bool {
    primary(code) == Some(10)
}

/// Whether another connection holds a lock.
fn is_busy(code: &str) -> bool {
    matches!(primary(code), Some(5 | 6))
}

/// The primary code of an extended one.
fn primary(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Switches the file to WAL. Two processes that open a new file race for that, and SQLite does not apply the busy
/// timeout to it.
async fn switch_to_wal(path: &Path, options: &SqliteConnectOptions) -> Result<()> {
    const ATTEMPTS: u32 = 50;
    for attempt in 1.. {
        match options.connect().await {
            Ok(conn) => return Ok(conn.close().await?),
            Err(sqlx::Error::Database(error)) => match error.code().as_deref() {
                Some(code) if attempt < ATTEMPTS && is_busy(code) => {
                    tokio::time::sleep(BUSY_TIMEOUT / ATTEMPTS).await;
                }
                Some(code) => match primary(code) {
                    Some(26) => return Err(cannot_open(path, "it is not an SQLite database")),
                    Some(8 | 10 | 13 | 14) => return Err(cannot_open(path, error.message())),
                    _ => return Err(sqlx::Error::Database(error).into()),
                },
                None => return Err(sqlx::Error::Database(error).into()),
            },
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Creates the folder and the file, readable by their owner only. SQLite gives its other files the same mode.
fn create_private(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    let mut file = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.recursive(true).create(parent)?;
    }
    match file.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn cannot_open(path: &Path, why: &str) -> Error {
    Error::Url(format!("the database file {} cannot be opened: {why}", path.display()))
}
