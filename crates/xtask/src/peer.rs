//! A llama.cpp server for one run of the tests: a real provider, whose behaviour is not scripted.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{env, http, workspace::Workspace};

/// The first run compiles llama.cpp.
const PATIENCE: Duration = Duration::from_mins(20);

/// Stops the server when standard input ends, which happens however this tool exits.
const GUARD: &str = r#"
"$@" &
server=$!
cat >/dev/null
kill $server 2>/dev/null
wait $server
"#;

/// A running server. Dropping it stops it.
pub(crate) struct Peer {
    guard: Child,
    url: String,
}

impl Peer {
    /// Builds what is missing in the cache and starts the server.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        if env::which("python3").is_none() {
            bail!("the llama.cpp server needs Python 3 with venv, and a C++ compiler; install them");
        }
        let folder = env::cache_dir()?.join("llama");
        if !folder.join("venv").is_dir() {
            println!(
                "building a llama.cpp server in {}, once, to test against a real provider",
                folder.display()
            );
        }
        let port = http::free_port()?;
        let script = workspace.root.join("crates/llm/tests/peer/serve.sh");
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "sh"]).arg(script).arg(&folder).arg(port.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let guard = command.spawn().context("could not start the llama.cpp server")?;
        let mut peer = Self { guard, url: format!("http://127.0.0.1:{port}/v1") };
        peer.wait_for(port)?;
        Ok(peer)
    }

    /// The base address of its API.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait_for(&mut self, port: u16) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if self.guard.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("the llama.cpp server did not start; run crates/llm/tests/peer/serve.sh to see why");
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _already_gone = self.guard.wait();
    }
}
