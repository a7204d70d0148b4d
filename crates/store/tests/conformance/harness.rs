//! An empty database for each scenario, removed afterwards.

use std::{future::Future, io::Write, path::Path, sync::Once};

use kaiwa_store::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

static SAY_ONCE: Once = Once::new();

/// Makes each named `async fn(Store)` of the calling module a test on both engines.
macro_rules! on_both_engines {
    ($($scenario:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $scenario() {
                crate::harness::on_sqlite(super::$scenario).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $scenario() {
                crate::harness::on_postgres(super::$scenario).await;
            })+
        }
    };
}

/// Runs a repository method in a unit of work and commits it: `commit!(store, users().register(user))`.
macro_rules! commit {
    ($store:expr, $($call:tt)+) => {{
        let mut tx = $store.begin().await.unwrap();
        match tx.$($call)+.await {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => Err(error),
        }
    }};
}

/// Runs a repository method in a unit of work that only reads: `read!(store, users().find(id))`.
macro_rules! read {
    ($store:expr, $($call:tt)+) => {
        $store.read().await.unwrap().$($call)+.await
    };
}

pub(crate) use {commit, on_both_engines, read};

/// Runs a scenario on a new file.
pub(crate) async fn on_sqlite<F: Future<Output = ()>>(scenario: impl FnOnce(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&sqlite_url(folder.path())).await;
    scenario(store.clone()).await;
    store.close().await;
}

/// Runs a scenario in a new schema of the server that `TEST_DATABASE_URL` names.
pub(crate) async fn on_postgres<F>(scenario: impl FnOnce(Store) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema.url()).await;
    // Its own task, so that the schema is dropped even when the scenario panics.
    let outcome = tokio::spawn(scenario(store.clone())).await;
    store.close().await;
    schema.drop().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// The URL of a database file in `folder`.
pub(crate) fn sqlite_url(folder: &Path) -> String {
    format!("file:{}", folder.join("data/app.db").display())
}

/// Opens and migrates.
pub(crate) async fn open(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// A schema of one test.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// A name that no other test has; `None`, with a word about it, where there is no server to test on.
    pub(crate) fn new() -> Option<Self> {
        if let Some(server) = variable("TEST_DATABASE_URL") {
            let name = format!("test_{}", kaiwa_shared::UserId::new().as_uuid().simple());
            return Some(Self { server, name });
        }
        let required = variable("CI").as_deref() == Some("true")
            || variable("KAIWA_REQUIRE_POSTGRES").as_deref() == Some("1");
        assert!(!required, "TEST_DATABASE_URL is not set, and PostgreSQL may not be left out here");
        SAY_ONCE.call_once(|| {
            // Not `println!`, which the test harness swallows when a test passes.
            let mut stderr = std::io::stderr().lock();
            writeln!(stderr, "skipped: TEST_DATABASE_URL is not set, nothing is tested on PostgreSQL")
                .unwrap();
        });
        None
    }

    /// The `DATABASE_URL` of the schema.
    pub(crate) fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}schema={}", self.server, self.name)
    }

    /// Makes the schema, where no migration is to do it.
    pub(crate) async fn make(&self) {
        self.execute(&format!("CREATE SCHEMA \"{}\"", self.name)).await;
    }

    /// A connection to the schema, beside the store's.
    pub(crate) async fn connect(&self) -> PgConnection {
        let mut conn = PgConnection::connect(&self.server).await.unwrap();
        conn.execute(AssertSqlSafe(format!("SET search_path = \"{}\"", self.name))).await.unwrap();
        conn
    }

    /// Runs a statement in the schema, beside the store.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut conn = self.connect().await;
        conn.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        conn.close().await.unwrap();
    }

    /// Removes the schema.
    pub(crate) async fn drop(self) {
        self.execute(&format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name)).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no settings; this is where the suite reads its variables"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
