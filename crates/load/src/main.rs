//! `kaiwa-load`: opens many streams at once, checks every token of each, and says how they travelled.
//!
//! It speaks HTTP by hand on one thread, so that on a small machine it takes little from what it measures.

mod answer;
mod expect;
mod kaiwa;
mod plan;
mod process;
mod report;
mod run;
mod stream;
mod target;

use std::{net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use crate::plan::{Order, Plan};

/// Opens many token streams and checks every token.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// What listens there: a provider (or a proxy before one), or Kaiwa
    #[arg(long, value_enum, default_value = "provider")]
    target: Kind,
    /// Where it listens
    #[arg(long)]
    address: SocketAddr,
    /// How many streams
    #[arg(long, default_value_t = 1)]
    streams: u32,
    /// Tokens a second of each stream; 0 is as fast as possible, and measures no token's way
    #[arg(long, default_value_t = 20)]
    rate: u64,
    /// Tokens of each stream
    #[arg(long, default_value_t = 200)]
    tokens: u64,
    /// Milliseconds that the provider waits before the first token
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// One stream after the other instead of all at once
    #[arg(long)]
    sequence: bool,
    /// Process under test: its processor time and memory are reported, its children's included
    #[arg(long)]
    pid: Option<u32>,
    /// E-mail address and password for Kaiwa, joined by a colon
    #[arg(long, default_value = "bench@example.org:a long passphrase for the bench")]
    login: String,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Provider,
    Kaiwa,
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is this program's output")]
async fn main() -> ExitCode {
    match measure(&Arguments::parse()).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> anyhow::Result<String> {
    process::raise_file_limit();
    let plan = Plan {
        address: arguments.address,
        streams: arguments.streams,
        rate: arguments.rate,
        tokens: arguments.tokens,
        delay_ms: arguments.delay,
        order: if arguments.sequence { Order::Sequence } else { Order::Together },
        pid: arguments.pid,
    };
    let target = match arguments.target {
        Kind::Provider => target::Target::Provider,
        Kind::Kaiwa => {
            let (email, password) = arguments.login.split_once(':').context("--login has no colon")?;
            target::Target::Kaiwa(kaiwa::prepare(&plan, email, password).await?)
        }
    };
    let report = run::run(&plan, target).await?;
    Ok(if arguments.json { serde_json::to_string(&report)? } else { report.to_string() })
}
