//! Schemathesis against the server: what it answers is what its API document says.

use std::{env, process::Output};

use crate::support::TestApp;

/// Requests that are not sent to a signed-in server: the first ends the session, the second never ends.
const NOT_SIGNED_IN_ONLY: [&str; 4] = ["--exclude-path", "/api/auth/logout", "--exclude-path", "/api/events"];

#[expect(clippy::disallowed_methods, reason = "the environment names the Python of this test")]
async fn run(app: &TestApp, arguments: &[&str]) {
    let python = env::var("SCHEMATHESIS_PYTHON")
        .expect("SCHEMATHESIS_PYTHON is a Python that has tests/api/schemathesis/requirements.txt");
    let folder = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(python);
    command.args(["-c", "from schemathesis.cli import schemathesis; schemathesis()", "--no-color", "run"]);
    command.arg(format!("{}/api-docs/openapi.json", app.base));
    // In several threads, Python 3.11 sometimes fails to parse: https://github.com/python/cpython/issues/106905
    command.args(["--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1", "--workers", "1"]);
    command.args(["--generation-database", "none", "--warnings", "off", "--request-timeout", "20"]);
    command.args(["--checks", "all"]);
    // A schema cannot say everything: that a name must be free, or that one of three fields is needed.
    command.args(["--exclude-checks", "positive_data_acceptance"]);
    command.args(arguments).current_dir(&folder).env("NO_PROXY", "*").env("no_proxy", "*");
    let Output { status, stdout, stderr } = command.kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{said}");
}

#[actix_web::test]
#[ignore = "needs schemathesis: cargo xtask test installs it and sets SCHEMATHESIS_PYTHON"]
async fn schemathesis_finds_nothing_while_signed_in() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let header = format!("Authorization: Bearer {}", user.token);
    run(&app, &[&["--header", &header], &NOT_SIGNED_IN_ONLY[..]].concat()).await;
}

#[actix_web::test]
#[ignore = "needs schemathesis: cargo xtask test installs it and sets SCHEMATHESIS_PYTHON"]
async fn schemathesis_finds_nothing_while_not_signed_in() {
    let app = TestApp::spawn().await;
    run(&app, &[]).await;
}
