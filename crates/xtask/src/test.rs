//! `cargo xtask test`: runs all checks and tests.

use std::{
    ffi::OsString,
    num::NonZero,
    path::{Path, PathBuf},
    process::Command,
    thread::{self, available_parallelism},
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::{check, client, env, peer::Peer, postgres::Postgres, process, setup, workspace::Workspace};

/// The outcome of a step.
enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

/// Runs steps one after the other and records their outcomes.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<(&'static str, Outcome, u64)>,
}

impl Report {
    /// Runs a step. A failure is recorded, and the next step still runs.
    pub(crate) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = match run() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("error: {error:#}");
                let error = error.to_string();
                Outcome::Failed(error.lines().next().unwrap_or_default().to_owned())
            }
        };
        let passed = matches!(outcome, Outcome::Passed);
        self.steps.push((name, outcome, start.elapsed().as_secs()));
        passed
    }

    /// Records why a step was skipped.
    pub(crate) fn skip(&mut self, name: &'static str, why: &'static str) {
        self.steps.push((name, Outcome::Skipped(why), 0));
    }

    /// Prints all outcomes. Returns an error if any step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n== Summary");
        for (name, outcome, seconds) in &self.steps {
            let (word, note) = match outcome {
                Outcome::Passed => ("ok", String::new()),
                Outcome::Failed(error) => ("FAILED", format!("  {error}")),
                Outcome::Skipped(why) => ("skipped", format!("  {why}")),
            };
            println!("{word:>8}  {seconds:>4} s  {name}{note}");
        }
        let failed =
            self.steps.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))).count();
        ensure!(failed == 0, "{failed} of {} steps failed", self.steps.len());
        Ok(())
    }
}

/// Runs the checks, the Rust tests on both databases and the browser tests; with `fast` only the Rust tests on SQLite.
pub(crate) fn run(workspace: &Workspace, fast: bool) -> Result<()> {
    let mut report = Report::default();
    if fast {
        report.step("Rust tests on SQLite", || {
            process::run(workspace.cargo().args(["test", "--workspace"]).env_remove("TEST_DATABASE_URL"))
        });
        return report.finish();
    }
    // Everything is built and checked with the client that the browser tests use.
    let services = setup::services(workspace)?;
    let client = report.step("client", || client::build(workspace, client::Mode::Small));
    let built = report.step("build", || workspace.build_everything());
    check::steps(workspace, &mut report);
    let database = Database::find_or_start()?;
    if built {
        report.step("Rust tests on SQLite and PostgreSQL", || {
            let mut cargo = workspace.cargo();
            cargo.args(["test", "--workspace", "--no-fail-fast"]).env("RUST_TEST_THREADS", threads());
            process::run(cargo.env("TEST_DATABASE_URL", database.url()).env("KAIWA_REQUIRE_POSTGRES", "1"))
        });
        report.step("HTTP tests on PostgreSQL", || http_tests_on_postgres(workspace, &database));
        report.step("fifty crashes on SQLite and PostgreSQL", || kill_tests(workspace, &database));
        report.step("llama.cpp as the provider", || peer_tests(workspace));
        report.step("the providers' official clients", || client_tests(workspace));
        report.step("the API document", || document_tests(workspace));
    } else {
        report.skip("Rust tests", "the build failed");
    }
    if built && client {
        report.step("browser tests", || browser_tests(workspace, &services, &database));
    } else {
        report.skip("browser tests", "the build failed");
    }
    report.finish()
}

/// How many tests run in parallel. Most of them wait for a server most of the time, so three per processor take half as
/// long as one.
fn threads() -> String {
    let processors = available_parallelism().map_or(2, NonZero::get);
    (processors * 3).to_string()
}

/// The program with the integration tests of this name, as the whole workspace builds it. `cargo test --test` would select
/// the features of the dependencies without the packages that have no such test, and build most of them again.
fn integration_tests(workspace: &Workspace, name: &str) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--no-run", "--quiet", "--message-format", "json"]);
    let messages = process::output(&mut cargo)?;
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let tests = built
        .filter(|built| built["profile"]["test"] == true)
        .find(|built| built["target"]["kind"][0] == "test" && built["target"]["name"] == name)
        .with_context(|| format!("no package has integration tests named {name}"))?;
    let text = |field: &str| tests[field].as_str().with_context(|| format!("cargo names no {field}"));
    let mut program = Command::new(text("executable")?);
    program.current_dir(Path::new(text("manifest_path")?).parent().context("a manifest is in a folder")?);
    Ok(program)
}

/// Runs the suite that ran on SQLite once more, on PostgreSQL.
fn http_tests_on_postgres(workspace: &Workspace, database: &Database) -> Result<()> {
    let mut tests = integration_tests(workspace, "api")?;
    tests.env("RUST_TEST_THREADS", threads());
    process::run(tests.env("TEST_DATABASE_URL", database.url()).env("KAIWA_TEST_DATABASE", "postgres"))
}

/// Kills the server repeatedly under load and checks that nothing it confirmed is lost. Both databases are tested in
/// parallel, because each run waits for its restarts most of the time.
fn kill_tests(workspace: &Workspace, database: &Database) -> Result<()> {
    let command = || -> Result<Command> {
        let mut tests = integration_tests(workspace, "api")?;
        tests.args(["--ignored", "kills"]);
        Ok(tests)
    };
    let (mut on_sqlite, mut on_postgres) = (command()?, command()?);
    on_postgres.env("TEST_DATABASE_URL", database.url()).env("KAIWA_TEST_DATABASE", "postgres");
    thread::scope(|scope| {
        let on_postgres = scope.spawn(|| process::run(&mut on_postgres));
        let on_sqlite = process::run(&mut on_sqlite);
        let on_postgres = on_postgres.join().map_err(|_panic| anyhow!("the run on PostgreSQL panicked"))?;
        on_sqlite.context("on SQLite").and(on_postgres.context("on PostgreSQL"))
    })
}

/// Runs the tests that need a real provider, with the whole server and then with the adapter alone. The adapter's run
/// last because they abandon replies, from which that server recovers slowly.
fn peer_tests(workspace: &Workspace) -> Result<()> {
    let peer = Peer::start(workspace)?;
    for suite in ["api", "adapter"] {
        let mut tests = integration_tests(workspace, suite)?;
        // One at a time: the provider serves one request at a time, and a second one would cut off the first.
        tests.args(["--ignored", "peer", "--test-threads=1"]);
        process::run(tests.env("LLAMA_SERVER_URL", peer.url()))?;
    }
    Ok(())
}

/// Runs the tests in which the providers' official clients verify the scripted provider.
fn client_tests(workspace: &Workspace) -> Result<()> {
    let python = setup::python(workspace, &setup::LLM_CLIENTS)?;
    let mut tests = integration_tests(workspace, "official_clients")?;
    process::run(tests.arg("--ignored").env("LLM_CLIENTS_PYTHON", python))
}

/// Runs the test in which schemathesis compares the server with its API document.
fn document_tests(workspace: &Workspace) -> Result<()> {
    let python = setup::python(workspace, &setup::SCHEMATHESIS)?;
    let mut tests = integration_tests(workspace, "api")?;
    tests.args(["--ignored", "schemathesis"]);
    process::run(tests.env("SCHEMATHESIS_PYTHON", python))
}

/// The PostgreSQL server of this run: the one in `TEST_DATABASE_URL`, or a temporary one.
enum Database {
    Given(OsString),
    Own(Postgres),
}

impl Database {
    fn find_or_start() -> Result<Self> {
        env::var("TEST_DATABASE_URL")
            .map_or_else(|| Postgres::start().map(Self::Own), |url| Ok(Self::Given(url)))
    }

    fn url(&self) -> OsString {
        match self {
            Self::Given(url) => url.clone(),
            Self::Own(server) => server.url().into(),
        }
    }
}

/// Runs the browser tests, which start the servers from the paths that they are given.
fn browser_tests(workspace: &Workspace, services: &setup::Services, database: &Database) -> Result<()> {
    process::run(
        browser_environment(workspace, services, "debug")
            .arg("test")
            .env("TEST_DATABASE_URL", database.url()),
    )
}

/// Playwright, with the paths of all programs that it starts.
pub(crate) fn browser_environment(
    workspace: &Workspace,
    services: &setup::Services,
    profile: &str,
) -> Command {
    let built = |name: &str| -> PathBuf { workspace.target.join(profile).join(name) };
    let mut command = Command::new("npx");
    command.arg("playwright").current_dir(workspace.root.join("frontend/e2e"));
    command.env("KAIWA_BIN", built("kaiwa")).env("MOCK_LLM_BIN", built("mock-llm"));
    command.env("KAIWA_DIST", workspace.dist()).env("CHROMIUM_BIN", &services.chromium);
    command
        .env("NGINX_BIN", &services.nginx)
        .env("NGINX_START", workspace.root.join("docker/nginx/start.sh"));
    command.env("NGINX_TEMPLATE", workspace.root.join("docker/nginx/kaiwa.conf.template"));
    command
}
