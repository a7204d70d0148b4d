//! `kaiwa`: the server and its tools.

use std::process::ExitCode;

use clap::Parser;
use kaiwa::cli::{self, Cli};
use mimalloc::MiMalloc;

/// Returns memory to the system after a burst, such as hashing a password. musl's own allocator would be slow.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    cli::run(Cli::parse()).await
}
