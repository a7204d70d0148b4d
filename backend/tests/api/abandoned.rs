//! A row says that a reply is running, but no task writes it.

use std::time::Duration;

use kaiwa_shared::message::Status;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::support::{Created, TestApp, TestUser, message, within};

const SHORT: &str = "mock-tokens-5-rate-0";

/// Runs statements beside the server.
async fn execute(app: &TestApp, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if let Some(path) = app.database().strip_prefix("file:") {
        let mut conn = SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
        conn.execute(sql).await.unwrap();
    } else {
        let (server, schema) = app.database().split_once("?schema=").unwrap();
        let mut conn = PgConnection::connect(server).await.unwrap();
        conn.execute(AssertSqlSafe(format!("SET search_path = \"{schema}\""))).await.unwrap();
        conn.execute(sql).await.unwrap();
    }
}

/// A reply that has ended, whose rows say that it is running.
async fn abandon(app: &TestApp, user: &TestUser) -> Created {
    let mut events = app.say(user, &message(SHORT, "hello")).await;
    let created = events.created().await;
    events.rest().await;
    execute(
        app,
        "UPDATE messages SET status = 'streaming' WHERE author = 'assistant';
         UPDATE generations SET status = 'streaming', ended_at = NULL;",
    )
    .await;
    created
}

async fn status(app: &TestApp, user: &TestUser, created: &Created) -> Status {
    app.transcript(user, created.conversation).await.messages.pop().unwrap().status
}

#[actix_web::test]
async fn a_reply_that_nobody_writes_is_interrupted_while_the_server_runs() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let created = abandon(&app, &user).await;
    let running = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let interrupted = async {
        while status(&app, &user, &created).await != Status::Interrupted {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), interrupted).await.expect("the reply to be interrupted");
    let next = within(message(SHORT, "more"), created.conversation);
    assert_eq!(app.say(&user, &next).await.rest().await.status, Some(Status::Complete));
    let mut running = running;
    let other = running.created().await;
    assert_eq!(status(&app, &user, &other).await, Status::Streaming, "a reply that is written goes on");
}

#[actix_web::test]
async fn a_reply_that_nobody_writes_can_be_stopped() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let created = abandon(&app, &user).await;
    app.stop(&user, created.generation).await;
    assert_eq!(status(&app, &user, &created).await, Status::Interrupted);
    let followed = app.follow(&user, created.generation, None).await.rest().await;
    assert_eq!(followed.status, Some(Status::Interrupted));
}
