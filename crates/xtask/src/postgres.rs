//! A PostgreSQL server for one run of the tests, with its own port and folder.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use crate::{http, process, setup};

/// Runs the server until standard input ends, which happens however this tool exits, then removes its data. The
/// arguments are the folder to remove and the command.
const GUARD: &str = r#"
trap '' INT HUP TERM
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server 2>/dev/null
wait $server
rm -rf "$folder"
"#;

/// A running server. Dropping it stops it and removes its data.
pub(crate) struct Postgres {
    guard: Child,
    port: u16,
}

impl Postgres {
    /// Creates a new cluster and starts its server.
    pub(crate) fn start() -> Result<Self> {
        let programs = setup::postgres()?;
        let folder = make_folder()?;
        let data = folder.join("data");
        let mut initdb = as_database_user(&programs.join("initdb"));
        initdb.current_dir(&folder).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
        ]);
        process::run_quiet(initdb.arg("--no-sync").arg("--pgdata").arg(&data))?;
        let port = http::free_port()?;
        let server = as_database_user(&programs.join("postgres"));
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh"]).arg(&folder).arg(server.get_program()).args(server.get_args());
        guard.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // Test data does not have to survive a power cut.
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400"]
        {
            guard.args(["-c", setting]);
        }
        let guard =
            guard.current_dir(&folder).stdin(Stdio::piped()).spawn().context("could not start PostgreSQL")?;
        let server = Self { guard, port };
        server.wait_until_up(&folder)?;
        Ok(server)
    }

    /// The address for `TEST_DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_up(&self, folder: &Path) -> Result<()> {
        for _ in 0..200 {
            // The server writes this word when it accepts connections.
            let ready =
                fs::read_to_string(folder.join("data/postmaster.pid")).is_ok_and(|pid| pid.contains("ready"));
            if ready && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        ensure!(false, "PostgreSQL did not start:\n{log}");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("could not stop PostgreSQL: {error}");
        }
    }
}

/// A new folder that the database user owns.
fn make_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("kaiwa-postgres-{}", std::process::id()));
    setup::remove_if_present(&folder)?;
    fs::create_dir(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    if setup::is_root() {
        process::run_quiet(Command::new("chown").arg("postgres:").arg(&folder))?;
    }
    Ok(folder)
}

/// PostgreSQL refuses to run as root.
fn as_database_user(program: &Path) -> Command {
    if !setup::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}
