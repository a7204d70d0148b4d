//! Opening, migrating and closing.

use kaiwa_shared::auth::Role;
use kaiwa_store::{Error, Store};
use sqlx::{Connection, SqliteConnection};

use crate::{
    fixture::{exchange, new_turn, user},
    harness::{Schema, on_both_engines, open, read, sqlite_url},
};

on_both_engines! { a_migrated_database_answers, migrating_again_changes_nothing }

/// What a newer version's migration leaves behind.
const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (99990101000000, 'from the future', TRUE, '', 0)";

async fn a_migrated_database_answers(store: Store) {
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(Error::Unavailable(_))));
}

async fn migrating_again_changes_nothing(store: Store) {
    let ada = user(&store, "ada").await;
    store.migrate().await.unwrap();
    assert_eq!(read!(store, users().find(ada.id)).unwrap(), Some(ada));
}

#[tokio::test]
async fn an_unmigrated_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(folder.path())).await.unwrap();
    assert!(matches!(store.ping().await, Err(Error::OlderSchema { found: 0, .. })));
}

#[tokio::test]
async fn an_unmigrated_server_says_so() {
    let Some(schema) = Schema::new() else { return };
    let store = Store::open(&schema.url()).await.unwrap();
    assert!(matches!(store.ping().await, Err(Error::OlderSchema { found: 0, .. })));
}

#[tokio::test]
async fn servers_that_start_at_once_on_a_new_file_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    start_together(&sqlite_url(folder.path())).await;
}

#[tokio::test]
async fn servers_that_start_at_once_on_a_new_schema_take_turns() {
    let Some(schema) = Schema::new() else { return };
    start_together(&schema.url()).await;
    schema.drop().await;
}

async fn start_together(url: &str) {
    let mut servers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let url = url.to_owned();
        servers.spawn(async move {
            let store = open(&url).await;
            store.ping().await.unwrap();
            store.close().await;
        });
    }
    servers.join_all().await;
}

#[tokio::test]
async fn two_servers_on_one_file_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(folder.path());
    let servers = [open(&url).await, open(&url).await];
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = servers[n % 2].clone();
        racers.spawn(async move { user(&store, &format!("racer{n}")).await.role });
    }
    let roles = racers.join_all().await;
    assert_eq!(roles.iter().filter(|role| **role == Role::Admin).count(), 1);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(folder.path());
    let store = open(&url).await;
    let path = folder.path().join("data/app.db");
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query(NEWER).execute(&mut conn).await.unwrap();
    refuses_newer(&store).await;
}

#[tokio::test]
async fn a_server_of_a_newer_version_is_refused_clearly() {
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema.url()).await;
    schema.execute(NEWER).await;
    refuses_newer(&store).await;
    store.close().await;
    schema.drop().await;
}

async fn refuses_newer(store: &Store) {
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 99_990_101_000_000, .. }), "{error:?}");
    assert!(error.to_string().contains("newer version of Kaiwa"), "{error}");
    // A process that is already running when a newer one migrates goes on.
    store.ping().await.unwrap();
}

#[tokio::test]
#[cfg(unix)]
async fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&sqlite_url(folder.path())).await;
    user(&store, "ada").await;
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 2, "the file and its log");
}

#[tokio::test]
async fn a_closed_file_is_whole_in_itself() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&sqlite_url(folder.path())).await;
    let ada = user(&store, "ada").await;
    let turn = exchange(&store, new_turn(ada.id, "hello"), "hi").await;
    store.close().await;
    // The log is written back, so that copying the one file copies everything.
    let copy = folder.path().join("copy.db");
    std::fs::copy(folder.path().join("data/app.db"), &copy).unwrap();
    let copied = Store::open(&format!("file:{}", copy.display())).await.unwrap();
    assert_eq!(read!(copied, messages().find(ada.id, turn.reply_id)).unwrap().unwrap().text(), "hi");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let notes = "These are notes, not a database. ".repeat(100);
    std::fs::write(&path, &notes).unwrap();
    let Err(Error::Url(why)) = Store::open(&format!("file:{}", path.display())).await else {
        panic!("opened")
    };
    assert!(why.contains("notes.txt") && why.contains("not an SQLite database"), "{why}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), notes);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data"), "a file where the folder should be").unwrap();
    let Err(Error::Url(why)) = Store::open(&sqlite_url(folder.path())).await else { panic!("opened") };
    assert!(why.contains("data/app.db"), "{why}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    // Port 9 discards, where anything listens on it at all.
    let outcome = Store::open("postgres://nobody@127.0.0.1:9/kaiwa").await.map(|_| ());
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
}
