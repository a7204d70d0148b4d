//! PostgreSQL: one pool.

use std::{fmt::Write as _, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use super::SavedState;
use crate::Result;

/// Connections to the server; its default allows a hundred for all its clients together.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it is told that the database is down.
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

/// Begins a transaction.
pub(crate) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin().await?)
}

/// Saves states by one statement.
pub(crate) async fn save_states(pool: &PgPool, states: Vec<SavedState>) -> Result<()> {
    let mut values = String::new();
    for first in (1..).step_by(6).take(states.len()) {
        let [generation, message, parts, sequence, natives, context] = [0, 1, 2, 3, 4, 5].map(|n| first + n);
        let comma = if values.is_empty() { "" } else { ", " };
        let _infallible = write!(
            values,
            "{comma}(${generation}::uuid, ${message}::uuid, ${parts}::text, ${sequence}::bigint, \
             ${natives}::text, ${context}::text)"
        );
    }
    // Made of nothing but numbers. The messages come before their generations, as everywhere.
    let sql = AssertSqlSafe(format!(
        "WITH new (generation_id, message_id, parts, sequence, native, context) AS (VALUES {values}),
         saved AS (
             UPDATE messages m SET parts = new.parts, native = new.native, context = new.context
             FROM new
             WHERE m.id = new.message_id AND m.status = 'streaming' AND m.generation_id = new.generation_id
               AND EXISTS (
                   SELECT 1 FROM generations g WHERE g.id = new.generation_id AND g.sequence <= new.sequence
               )
             RETURNING new.generation_id, new.sequence
         )
         UPDATE generations g SET sequence = saved.sequence FROM saved WHERE g.id = saved.generation_id"
    ));
    let mut query = sqlx::query(sql);
    for state in states {
        query = query.bind(state.generation_id).bind(state.message_id).bind(state.parts);
        query = query.bind(state.sequence).bind(state.natives).bind(state.context);
    }
    // There are as many texts as numbers of states, and preparing one is nothing against its execution.
    query.persistent(false).execute(pool).await?;
    Ok(())
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
