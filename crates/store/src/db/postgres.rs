//! PostgreSQL: one pool.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use crate::Result;

/// Maximum number of connections; the server's default limit for all clients is a hundred.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it fails with [`Error::Unavailable`](crate::Error::Unavailable).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Key of the advisory lock for creating accounts.
const REGISTRATION_LOCK: i64 = 0x6b61_6977_6101;

/// The embedded migrations.
pub(crate) fn migrator() -> Migrator {
    sqlx::migrate!("../../migrations/postgres")
}

/// Connects once, so that a wrong address or password is reported at start.
pub(crate) async fn open(options: PgConnectOptions) -> Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

/// Brings the schema up to date. The migrator holds an advisory lock, so servers take turns. It has a connection of its
/// own, so the lock is released even if a migration fails.
pub(crate) async fn migrate(pool: &PgPool, schema: Option<&str>) -> Result<()> {
    let mut migrator = migrator();
    let mut conn = pool.connect_options().connect().await?;
    if let Some(schema) = schema
        && !schema_exists(&mut conn, schema).await?
    {
        migrator.create_schema(format!("\"{schema}\""));
    }
    migrator
        .run_direct(None, &mut conn, false)
        .await
        .map_err(|error| super::migrate_error(&migrator, error))?;
    conn.close().await?;
    Ok(())
}

/// Begins a transaction that may write.
pub(crate) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin().await?)
}

/// Begins a transaction that sees one state of the database throughout.
pub(crate) async fn begin_read(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
}

/// Waits until no other registration is running.
pub(crate) async fn lock_registrations(conn: &mut PgConnection) -> Result<()> {
    conn.execute(sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(REGISTRATION_LOCK)).await?;
    Ok(())
}

/// Waits until no other transaction has locked this account. With `NO KEY`, rows that refer to the account can still be
/// inserted.
pub(crate) async fn lock_user(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    conn.execute(sqlx::query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(id)).await?;
    Ok(())
}

/// Whether an error with this SQLSTATE is transient: lost connections, serialization failures, deadlocks, exhausted
/// resources, a full or failing disk, a server that is starting or stopping.
pub(crate) fn is_transient(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "55P03")
        || ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class))
}

/// `CREATE SCHEMA IF NOT EXISTS` requires the right to create schemas even if it exists, and a careful administrator does
/// not grant that.
async fn schema_exists(conn: &mut PgConnection, schema: &str) -> Result<bool> {
    let found: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_namespace WHERE nspname = $1")
        .bind(schema)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}
