//! PostgreSQL: one pool.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use crate::Result;

/// Connections to the server; its default allows a hundred for all its clients together.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it fails with [`Error::Unavailable`](crate::Error::Unavailable).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Key of the advisory lock under which accounts are made.
const REGISTRATION_LOCK: i64 = 0x6b61_6977_6101;

/// The embedded migrations.
pub(crate) fn migrator() -> Migrator {
    sqlx::migrate!("../../migrations/postgres")
}

/// Connects once, so that a wrong address or password shows at start.
pub(crate) async fn open(options: PgConnectOptions) -> Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

/// Brings the schema up to date. The migrator holds an advisory lock meanwhile, so that servers take turns; its own
/// connection lets that lock go even when a migration fails.
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

/// Waits for every other registration to end.
pub(crate) async fn lock_registrations(conn: &mut PgConnection) -> Result<()> {
    conn.execute(sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(REGISTRATION_LOCK)).await?;
    Ok(())
}

/// Waits for every other transaction that locked this account. `NO KEY`, so that rows that refer to the account can
/// be inserted meanwhile.
pub(crate) async fn lock_user(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    conn.execute(sqlx::query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(id)).await?;
    Ok(())
}

/// Whether an error of this SQLSTATE passes by itself: lost connections, serialization failures and deadlocks,
/// exhausted resources, a server that starts or stops.
pub(crate) fn is_transient(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "55P03")
        || ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
}

/// `CREATE SCHEMA IF NOT EXISTS` needs the right to create one even where it exists, which a careful administrator
/// does not grant.
async fn schema_exists(conn: &mut PgConnection, schema: &str) -> Result<bool> {
    let found: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_namespace WHERE nspname = $1")
        .bind(schema)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}
