//! `kaiwa`: the server and its tools.

use std::process::ExitCode;

use clap::Parser;
use kaiwa::cli::{self, Cli};
use mimalloc::MiMalloc;

/// It gives back what a burst needed, hashing a password included, and the static binary's own would be slow.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    cli::run(Cli::parse()).await
}
