//! The release binary: its size, start and idle memory, and the client's size.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::{bench::memory_kilobytes, check, dist, http, setup, workspace::Workspace};

const STARTS: usize = 10;

/// Builds and measures the release binary and prints the figures.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let binary = dist::build(workspace, false)?;
    let size = fs::metadata(&binary)?.len();
    let client = check::client_size(&workspace.dist())?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(Server::start(&binary)?.took);
    }
    starts.sort();
    let start = starts.get(STARTS / 2).context("the server was never started")?;
    let server = Server::start(&binary)?;
    thread::sleep(Duration::from_secs(5));
    let memory = memory_kilobytes(server.process.id(), "VmRSS")?;
    drop(server);
    println!("\n| figure | measured | budget |\n| --- | --- | --- |");
    println!("| binary with the client inside | {:.1} MB | 25 MB |", megabytes(size));
    println!(
        "| start to the first 200 on `/health`, median of {STARTS} | {} ms | 150 ms |",
        start.as_millis()
    );
    println!("| resident memory, idle for 5 s | {:.1} MB | 25 MB |", megabytes(memory * 1024));
    println!("| first visit, brotli | {} KB | 480 KB |", client.first_visit / 1024);
    println!("| of it the WASM module, brotli | {} KB | – |", client.module / 1024);
    Ok(())
}

/// A server with an empty data folder. Dropping it stops it.
struct Server {
    process: Child,
    /// The time from the start of the process to the first 200.
    took: Duration,
    folder: std::path::PathBuf,
}

impl Server {
    fn start(binary: &Path) -> Result<Self> {
        let port = http::free_port()?;
        let folder = std::env::temp_dir().join(format!("kaiwa-bench-{}", std::process::id()));
        setup::remove_if_present(&folder)?;
        fs::create_dir_all(&folder)?;
        let mut command = Command::new(binary);
        // The server stores its data in its working directory.
        command.current_dir(&folder).env("PORT", port.to_string()).env("HOST", "127.0.0.1");
        command.env("DATABASE_URL", "file:./data/app.db").stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let process = command.spawn().context("could not start the server")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let healthy = http::wait_until_healthy(address, Duration::from_secs(20), Duration::from_millis(1));
        let server = Self { process, took: start.elapsed(), folder };
        ensure!(healthy, "the server did not become healthy within 20 s");
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The measurement is over, so a graceful stop is not necessary.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
        let _removed = setup::remove_if_present(&self.folder);
    }
}

#[expect(clippy::cast_precision_loss, reason = "no file here comes near 2^52 bytes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
