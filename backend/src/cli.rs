//! The command line.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use kaiwa_extract::Format;
use kaiwa_store::Store;

use crate::{
    app::{Application, Stopper},
    logging, openapi,
    settings::{self, Settings, source::Source},
};

/// A self-hosted AI chat platform.
#[derive(Debug, Parser)]
#[command(name = "kaiwa", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the client and the API (the default).
    Serve,
    /// Migrate the database schema and exit.
    Migrate,
    /// Ask the running server whether it is ready; exit with 0 if it is.
    Healthcheck,
    /// Check, show and document the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Print the text of the document on standard input: `pdf` or `office`.
    #[command(hide = true)]
    Extract {
        /// The type of the document.
        format: Format,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Report every error in the configuration.
    Check,
    /// Print the effective configuration, without secrets.
    Print,
    /// Print the reference page, docs/configuration.md.
    Docs,
    /// Print the sample file, .env.example.
    Example,
}

/// Runs the command and returns the exit code.
pub async fn run(cli: Cli) -> ExitCode {
    let result = match cli.command.unwrap_or(Command::Serve) {
        Command::Config { command: ConfigCommand::Docs } => print(&settings::reference_page()),
        Command::Config { command: ConfigCommand::Example } => print(&settings::example_file()),
        Command::Extract { format } => extract(format),
        Command::Openapi => openapi::document("/api")
            .to_pretty_json()
            .map_err(|e| e.to_string())
            .and_then(|json| print(&json)),
        command => match read_settings() {
            Ok(settings) => run_with(command, settings).await,
            Err(error) => Err(error),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, there is nowhere left to report to.
            let _closed = writeln!(io::stderr(), "kaiwa: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run_with(command: Command, settings: Settings) -> Result<(), String> {
    match command {
        Command::Serve => serve(settings).await,
        Command::Migrate => migrate(&settings).await,
        Command::Healthcheck => healthcheck(settings.server.listen),
        Command::Config { command: ConfigCommand::Print } => print(&settings::summary(&settings)),
        Command::Config { .. } | Command::Openapi | Command::Extract { .. } => {
            print("The configuration is valid.\n")
        }
    }
}

fn extract(format: Format) -> Result<(), String> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    print(&kaiwa_extract::extract(format, &bytes).map_err(|error| error.to_string())?)
}

fn read_settings() -> Result<Settings, String> {
    let source = Source::from_environment().map_err(|error| error.to_string())?;
    Settings::read(&source).map_err(|error| format!("the configuration is invalid:\n{error}"))
}

async fn serve(settings: Settings) -> Result<(), String> {
    logging::start(settings.logging);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let application = Application::build(settings).await.map_err(|error| error.to_string())?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "listening on http://{}", application.address());
    actix_web::rt::spawn(stop_on_signal(application.stopper()));
    application.run_until_stopped().await.map_err(|error| error.to_string())
}

/// Stops the server at the first signal; a second one exits immediately.
async fn stop_on_signal(stopper: Stopper) {
    signal().await;
    tracing::info!("stopping; running replies have a moment to finish");
    actix_web::rt::spawn(async {
        signal().await;
        std::process::exit(130);
    });
    stopper.stop().await;
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_unsupported) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}

async fn migrate(settings: &Settings) -> Result<(), String> {
    let store = Store::open(&settings.storage.database_url).await.map_err(|error| error.to_string())?;
    let result = store.migrate().await.map_err(|error| error.to_string());
    store.close().await;
    result?;
    print("The database schema is up to date.\n")
}

/// Requests `/health/ready` over a plain socket: the image contains nothing but this binary.
fn healthcheck(listen: SocketAddr) -> Result<(), String> {
    let address = match listen.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()),
        _ => listen,
    };
    let limit = Duration::from_secs(3);
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    match ask() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        Ok(answer) => Err(format!("not ready: {}", answer.lines().next().unwrap_or("no answer"))),
        Err(error) => Err(format!("no answer from {address}: {error}")),
    }
}

fn print(text: &str) -> Result<(), String> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}
