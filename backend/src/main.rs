//! `kaiwa`: the server and its tools.

use std::process::ExitCode;

use clap::Parser;
use kaiwa::cli::{self, Cli};

#[actix_web::main]
async fn main() -> ExitCode {
    cli::run(Cli::parse()).await
}
