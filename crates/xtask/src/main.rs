//! `cargo xtask`: the commands for developing Kaiwa.
//!
//! Each command is one module. `setup` installs the tools that are missing. To add a tool, add a module to `setup` and
//! call it where the tool is used.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks to its user on the terminal"
)]

mod bench;
mod check;
mod client;
mod dist;
mod env;
mod http;
mod peer;
mod postgres;
mod process;
mod serve;
mod setup;
mod test;
mod workspace;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set up, run, test, check, measure and package Kaiwa.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the tools that the other commands need and this machine lacks
    Setup {
        /// Also install what `test` needs: PostgreSQL, nginx, Chromium, fonts, npm packages and Python clients
        #[arg(long)]
        test: bool,
    },
    /// Build the browser client into frontend/dist
    Client {
        /// Build fast instead of small
        #[arg(long)]
        dev: bool,
    },
    /// Build and start Kaiwa on this machine
    Run {
        /// Arguments for the server, after `--`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build and start Kaiwa, and rebuild and restart whenever a source file changes
    Dev {
        /// Arguments for the server, after `--`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run all checks and all tests: Rust on both databases, then the browser
    Test {
        /// Run only the Rust tests on SQLite
        #[arg(long)]
        fast: bool,
    },
    /// Check format, lints, invariants, size budgets and generated documents
    Check {
        /// Format the code and regenerate the documents first
        #[arg(long)]
        fix: bool,
    },
    /// Measure the release build and print Markdown tables
    Bench {
        /// Measure only this part
        part: Option<bench::Part>,
    },
    /// Build the release binary, with the client inside, into target/dist
    Dist {
        /// Link the C library statically, so that the binary runs without any other files
        #[arg(long = "static")]
        static_binary: bool,
    },
    /// Wait for the server, then open the browser
    #[command(hide = true)]
    Announce { address: std::net::SocketAddr },
}

fn main() -> std::process::ExitCode {
    match run(&Cli::parse().command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    if let Command::Announce { address } = command {
        serve::announce(*address);
        return Ok(());
    }
    let workspace = Workspace::find()?;
    match command {
        Command::Setup { test } => setup::all(&workspace, *test),
        Command::Client { dev } => client::build(&workspace, client::Mode::from_dev_flag(*dev)),
        Command::Run { arguments } => serve::run(&workspace, arguments),
        Command::Dev { arguments } => serve::dev(&workspace, arguments),
        Command::Test { fast } => test::run(&workspace, *fast),
        Command::Check { fix } => check::run(&workspace, *fix),
        Command::Bench { part } => bench::run(&workspace, *part),
        Command::Dist { static_binary } => dist::build(&workspace, *static_binary).map(drop),
        Command::Announce { .. } => Ok(()),
    }
}
