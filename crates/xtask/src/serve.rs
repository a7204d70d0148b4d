//! `cargo xtask run` and `cargo xtask dev`: build and start the server.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, ensure};

use crate::{client, env, http, process, workspace::Workspace};

/// The folders that `dev` watches in addition to the client's inputs.
const SERVER_INPUTS: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "backend",
    "crates/auth",
    "crates/bus",
    "crates/egress",
    "crates/engine",
    "crates/llm",
    "crates/store",
    "migrations",
    "shared",
];

/// Builds everything and replaces itself with the server, so that the server receives signals directly.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let server = build(workspace, client::Mode::Small)?;
    let address = listen_address()?;
    ensure!(
        TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_err(),
        "something already listens on {address}; stop it, or choose another port: PORT=8002 cargo xtask run"
    );
    announce_when_up(address)?;
    let mut command = Command::new(server);
    become_process(command.current_dir(&workspace.root).args(arguments))
}

/// Builds and starts the server, and does so again whenever a source file changes.
pub(crate) fn dev(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    announce_when_up(listen_address()?)?;
    let mut server: Option<Child> = None;
    loop {
        let seen = sources(workspace)?;
        match build(workspace, client::Mode::Quick) {
            Ok(program) => {
                stop(server.take())?;
                let mut command = Command::new(program);
                command.current_dir(&workspace.root).args(arguments);
                server = Some(command.spawn().context("could not start the server")?);
            }
            // The last good version keeps running until the error is fixed.
            Err(error) => eprintln!("error: {error:#}"),
        }
        while sources(workspace)? == seen {
            thread::sleep(Duration::from_millis(400));
        }
        println!("A source file has changed; reload the page when the server is back.");
    }
}

/// Waits for the server, then opens the browser or prints the address. `run` starts this as a process.
pub(crate) fn announce(address: SocketAddr) {
    if !http::wait_until_healthy(address, Duration::from_mins(30), Duration::from_millis(50)) {
        return;
    }
    let url = format!("http://{address}");
    println!("\n  Kaiwa is ready at {url} (Ctrl+C stops it)\n");
    let opener = if cfg!(target_os = "macos") {
        Some("open")
    } else if env::var("DISPLAY").is_some() || env::var("WAYLAND_DISPLAY").is_some() {
        Some("xdg-open")
    } else {
        None
    };
    if let Some(opener) = opener.and_then(env::which)
        && let Err(error) = process::run_quiet(Command::new(opener).arg(&url))
    {
        eprintln!("could not open the browser: {error:#}");
    }
}

fn build(workspace: &Workspace, mode: client::Mode) -> Result<PathBuf> {
    client::build(workspace, mode)?;
    process::run(workspace.cargo().args(["build", "--package", "kaiwa"]))?;
    Ok(workspace.target.join("debug/kaiwa"))
}

/// The address of the server, from the same variables and defaults.
fn listen_address() -> Result<SocketAddr> {
    let port = match env::var("PORT") {
        Some(port) => port.to_string_lossy().parse().context("PORT is not a port number")?,
        None => 8001,
    };
    let host = env::var("HOST").and_then(|host| host.to_string_lossy().parse::<IpAddr>().ok());
    let host = host.filter(|host| !host.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Ok(SocketAddr::new(host, port))
}

/// Starts [`announce`] in its own process. The shell in between detaches it, so that nobody has to wait for it.
fn announce_when_up(address: SocketAddr) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$0" announce "$1" &"#]).arg(std::env::current_exe()?).arg(address.to_string());
    process::run(&mut shell)
}

#[cfg(unix)]
fn become_process(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec()).context("could not start the server")
}

#[cfg(not(unix))]
fn become_process(command: &mut Command) -> Result<()> {
    process::run(command)
}

/// Asks the server to stop, so that running replies are stored.
fn stop(server: Option<Child>) -> Result<()> {
    let Some(mut server) = server else { return Ok(()) };
    let asked = process::run_quiet(Command::new("kill").arg("-TERM").arg(server.id().to_string()));
    if asked.is_err() {
        server.kill()?;
    }
    server.wait()?;
    Ok(())
}

/// Every source file with the time of its last change.
fn sources(workspace: &Workspace) -> Result<BTreeMap<PathBuf, SystemTime>> {
    let mut times = BTreeMap::new();
    for input in SERVER_INPUTS.iter().chain(&client::INPUTS) {
        for file in client::files(&workspace.root.join(input))? {
            // A file may disappear after it was listed.
            if let Ok(time) = fs::metadata(&file).and_then(|metadata| metadata.modified()) {
                times.insert(file, time);
            }
        }
    }
    Ok(times)
}
