//! `kaiwa-load` opens many streams at once, checks every token and reports how long tokens take.
//!
//! It has its own minimal HTTP client and runs on one thread, to leave most of a small machine to what it measures.

mod expect;
mod kaiwa;
mod plan;
mod process;
mod report;
mod response;
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
    /// What to measure: a provider (or a proxy in front of one) or Kaiwa
    #[arg(long, value_enum, default_value = "provider")]
    target: Kind,
    /// Its address
    #[arg(long)]
    address: SocketAddr,
    /// Number of streams
    #[arg(long, default_value_t = 1)]
    streams: u32,
    /// Tokens per second of each stream; 0 means as fast as possible, without measuring latency
    #[arg(long, default_value_t = 20)]
    rate: u64,
    /// Tokens per stream
    #[arg(long, default_value_t = 200)]
    tokens: u64,
    /// Delay before the first token, in milliseconds
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// Run one stream after the other instead of all at once
    #[arg(long)]
    sequence: bool,
    /// Report the processor time and memory of this process and its children
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
