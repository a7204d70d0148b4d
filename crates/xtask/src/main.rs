//! `cargo xtask`: everything a developer of Kaiwa does, by one name.
//!
//! Each command is one module. What a command needs and does not find, `setup` installs first; to add a tool, add a
//! module under `setup` and call it where the tool is used.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks to its user on the terminal"
)]

mod client;
mod env;
mod process;
mod setup;
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
    /// Install what the other commands need and this machine lacks
    Setup {
        /// Also what `test` needs: PostgreSQL, nginx, Chromium, fonts and the browser test packages
        #[arg(long)]
        test: bool,
    },
    /// Build the browser client into frontend/dist
    Client {
        /// Build quickly instead of small
        #[arg(long)]
        dev: bool,
    },
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
    let workspace = Workspace::find()?;
    match command {
        Command::Setup { test } => setup::all(&workspace, *test),
        Command::Client { dev } => client::build(&workspace, client::Mode::from_dev_flag(*dev)),
    }
}
