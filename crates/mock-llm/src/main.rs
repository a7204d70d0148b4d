//! `mock-llm`: the scripted provider on a port of its own.

use std::net::SocketAddr;

use clap::Parser;
use kaiwa_mock_llm::{GRAMMAR, MockLlm, Options};

/// A server that speaks the protocols of all providers and whose model names are scripts.
#[derive(Parser)]
#[command(version, after_help = GRAMMAR)]
struct Arguments {
    /// Port to listen on.
    #[arg(long, default_value_t = 9001)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: std::net::IpAddr,
    /// Key that requests must bring.
    #[arg(long)]
    api_key: Option<String>,
    /// Where scripted redirections lead; by default to /redirected of this server.
    #[arg(long)]
    redirect_to: Option<String>,
}

#[actix_web::main]
#[expect(clippy::print_stdout, reason = "the address is this program's output")]
async fn main() -> std::io::Result<()> {
    let Arguments { port, host, api_key, redirect_to } = Arguments::parse();
    let server = MockLlm::start(Options { address: SocketAddr::from((host, port)), api_key, redirect_to })?;
    println!("LLM_API_URL={}", server.url());
    tokio::signal::ctrl_c().await?;
    server.shutdown();
    Ok(())
}
