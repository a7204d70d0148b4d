//! The servers of one run: the scripted provider and the server in front of it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::{bench::relay::Programs, http, setup};

/// The account that owns the streams.
pub(crate) const EMAIL: &str = "bench@example.org";
/// Its password.
pub(crate) const PASSWORD: &str = "a long passphrase for the bench";

/// Raises the limit of open files, then replaces itself with the program.
pub(crate) const WITH_MANY_FILES: &str = r#"ulimit -n "$(ulimit -Hn)"; exec "$@""#;

const PATIENCE: Duration = Duration::from_secs(20);

/// The server that the load goes through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// None: the load goes directly to the provider.
    Provider,
    Nginx,
    Kaiwa,
}

impl Kind {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 3] = [Self::Provider, Self::Nginx, Self::Kaiwa];

    /// The name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Provider => "the provider alone",
            Self::Nginx => "nginx",
            Self::Kaiwa => "Kaiwa",
        }
    }
}

/// The settings of Kaiwa.
pub(crate) struct Settings {
    /// The models of the scripted provider that it offers.
    pub(crate) models: Vec<String>,
    /// Further variables.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// A provider and a measured server in front of it. Dropping it stops both.
pub(crate) struct Server {
    kind: Kind,
    provider: Running,
    before: Option<Running>,
    folder: PathBuf,
}

/// A process that listens on an address. Dropping it stops it.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts both in an empty folder.
    pub(crate) fn start(programs: &Programs, settings: &Settings, kind: Kind) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("kaiwa-relay-{}", std::process::id()));
        setup::remove_if_present(&folder)?;
        fs::create_dir_all(&folder)?;
        let provider = provider(programs)?;
        // From here on, dropping the value stops every process, whatever fails.
        let mut server = Self { kind, provider, before: None, folder };
        server.before = match kind {
            Kind::Provider => None,
            Kind::Nginx => Some(server.start_nginx(&programs.nginx)?),
            Kind::Kaiwa => Some(server.start_kaiwa(&programs.kaiwa, settings)?),
        };
        Ok(server)
    }

    /// What was started.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The address for the load.
    pub(crate) fn address(&self) -> SocketAddr {
        self.under_test().address
    }

    /// The process that is measured.
    pub(crate) fn pid(&self) -> u32 {
        self.under_test().process.id()
    }

    fn under_test(&self) -> &Running {
        self.before.as_ref().unwrap_or(&self.provider)
    }

    /// nginx as a plain proxy with one worker: the machine has two cores, and the provider and the load take one.
    fn start_nginx(&self, program: &Path) -> Result<Running> {
        let config = self.folder.join("nginx.conf");
        start(program, |command, port| {
            let text = include_str!("nginx.conf")
                .replace("FOLDER", &self.folder.display().to_string())
                .replace("PROVIDER", &self.provider.address.to_string())
                .replace("PORT", &port.to_string());
            fs::write(&config, text)?;
            command.arg("-c").arg(&config).arg("-p").arg(&self.folder);
            Ok(())
        })
    }

    /// Kaiwa as it is released, with these settings.
    fn start_kaiwa(&self, program: &Path, settings: &Settings) -> Result<Running> {
        let data = self.folder.join("data");
        let running = start(program, |command, port| {
            command.env("HOST", "127.0.0.1").env("PORT", port.to_string());
            command.env("DATA_DIR", &data).env("DATABASE_URL", format!("file:{}/app.db", data.display()));
            command.env("ADMIN_EMAIL", EMAIL).env("ADMIN_PASSWORD", PASSWORD);
            command.env("LLM_API_URL", format!("http://{}/v1", self.provider.address));
            command.env("LLM_MODEL", settings.models.join(","));
            command.envs(settings.variables.iter().map(|(name, value)| (name, value)));
            Ok(())
        })?;
        let healthy = http::wait_until_healthy(running.address, PATIENCE, Duration::from_millis(10));
        ensure!(healthy, "Kaiwa did not become healthy");
        Ok(running)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.before.take());
        let _left_behind = setup::remove_if_present(&self.folder);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Stopped gracefully, because nginx stops its own worker.
        let _gone = Command::new("kill").arg("-TERM").arg(self.process.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        let _killed = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Starts a scripted provider.
pub(crate) fn provider(programs: &Programs) -> Result<Running> {
    start(&programs.provider, |command, port| {
        command.args(["--port", &port.to_string()]);
        Ok(())
    })
}

/// Starts a program on a free port and waits until it listens.
fn start(program: &Path, arrange: impl FnOnce(&mut Command, u16) -> Result<()>) -> Result<Running> {
    let port = http::free_port()?;
    let mut command = Command::new("sh");
    command.args(["-c", WITH_MANY_FILES, "sh"]).arg(program);
    arrange(&mut command, port)?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let process = command.spawn().with_context(|| format!("could not start {}", program.display()))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut running = Running { process, address };
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        let alive = matches!(running.process.try_wait(), Ok(None));
        ensure!(alive && Instant::now() < deadline, "{} does not listen", program.display());
        thread::sleep(Duration::from_millis(5));
    }
    Ok(running)
}
