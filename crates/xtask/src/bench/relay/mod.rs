//! Tokens through Kaiwa, compared with nginx in front of the same provider and with the provider alone.
//!
//! The provider, the measured server and the load generator share the machine, so the ratios within a row mean more
//! than the absolute figures. `kaiwa-load` checks every token of every stream; a run that loses one fails.

pub(crate) mod figures;
pub(crate) mod servers;
mod targets;

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};

use crate::{
    bench::relay::{
        figures::Figures,
        servers::{Kind, Server, Settings},
    },
    dist, process, setup,
    workspace::Workspace,
};

/// One load.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) streams: u32,
    /// Tokens per second of each stream; 0 means as fast as possible.
    pub(crate) rate: u32,
    pub(crate) tokens: u32,
    /// The provider's delay before the first token, in milliseconds.
    pub(crate) delay: u32,
    /// Whether streams run one after the other.
    pub(crate) sequence: bool,
}

/// Every load, in the order of the table.
pub(crate) const LOADS: [Load; 7] = [
    together(1, 50, 500),
    together(100, 50, 250),
    together(1000, 20, 200),
    together(4000, 5, 60),
    together(1000, 50, 200),
    Load { delay: 0, ..together(16, 0, 20_000) },
    Load { streams: 500, rate: 0, tokens: 1, delay: 0, sequence: true },
];

pub(crate) const fn together(streams: u32, rate: u32, tokens: u32) -> Load {
    Load { streams, rate, tokens, delay: 20, sequence: false }
}

impl Load {
    /// The name of the load in the table.
    fn name(&self) -> String {
        let Self { streams, rate, tokens, .. } = self;
        match (self.sequence, rate) {
            (true, _) => format!("{streams} one after the other"),
            (false, 0) => format!("{streams} × {tokens} unthrottled"),
            (false, _) => format!("{streams} × {rate}/s × {tokens}"),
        }
    }

    /// The provider's model for this load. Without a rate, tokens have no timestamps, which would dominate the cost.
    pub(crate) fn script(&self) -> String {
        let stamp = if self.rate > 0 { "-stamp" } else { "" };
        format!("mock-tokens-{}-rate-{}-delay-{}{stamp}", self.tokens, self.rate, self.delay)
    }

    /// Runs the load generator against a server.
    pub(crate) fn run(&self, programs: &Programs, server: &Server) -> Result<Figures> {
        let mut command = Command::new("sh");
        command.args(["-c", servers::WITH_MANY_FILES, "sh"]).arg(&programs.load);
        command.arg("--json").args(["--address", &server.address().to_string()]);
        for (name, value) in [
            ("--streams", self.streams),
            ("--rate", self.rate),
            ("--tokens", self.tokens),
            ("--delay", self.delay),
            ("--pid", server.pid()),
        ] {
            command.args([name, &value.to_string()]);
        }
        if self.sequence {
            command.arg("--sequence");
        }
        if server.kind() == Kind::Kaiwa {
            let login = format!("{}:{}", servers::EMAIL, servers::PASSWORD);
            command.args(["--target", "kaiwa", "--login", &login]);
        }
        let figures = Figures::read(&process::output(&mut command)?)?;
        ensure!(figures.tokens > 0.0, "the load generator saw no token");
        Ok(figures)
    }
}

/// The programs of a measurement.
pub(crate) struct Programs {
    pub(crate) kaiwa: PathBuf,
    pub(crate) provider: PathBuf,
    pub(crate) nginx: PathBuf,
    load: PathBuf,
}

/// Builds the programs, runs every load on every target, and prints the table and the targets.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let programs = build(workspace)?;
    println!(
        "\n| load | through | tokens/s | first token p50 / p99 ms | gap p99 ms | hop p50 / p99 ms | processor | to nginx | memory per stream |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let settings = Settings {
        models: LOADS.iter().map(Load::script).collect(),
        variables: ["MAX_GENERATIONS", "MAX_GENERATIONS_PER_USER"]
            .map(|name| (name, "100000".to_owned()))
            .to_vec(),
    };
    let mut rows: Vec<(Load, [Figures; 3])> = Vec::new();
    for load in LOADS {
        let measure = |kind| measure(&programs, &settings, load, kind);
        let row = [measure(Kind::Provider)?, measure(Kind::Nginx)?, measure(Kind::Kaiwa)?];
        for (kind, figures) in Kind::ALL.iter().zip(&row) {
            println!("{}", figures.line(&load, kind.name(), &row));
        }
        rows.push((load, row));
    }
    targets::check(&rows)
}

/// Builds Kaiwa as it is released. Built together with the other programs, it would get their features.
pub(crate) fn build(workspace: &Workspace) -> Result<Programs> {
    let kaiwa = dist::build(workspace, false)?;
    let mut cargo = workspace.cargo();
    process::run(cargo.args(["build", "--release", "--bins", "-p", "kaiwa-mock-llm", "-p", "kaiwa-load"]))?;
    let built = |name| workspace.target.join("release").join(name);
    let nginx = setup::nginx()?;
    Ok(Programs { kaiwa, provider: built("mock-llm"), load: built("kaiwa-load"), nginx })
}

/// Runs a load on a fresh server, so that no run inherits memory from another.
fn measure(programs: &Programs, settings: &Settings, load: Load, kind: Kind) -> Result<Figures> {
    let server = Server::start(programs, settings, kind)?;
    load.run(programs, &server).with_context(|| format!("{} through {}", load.name(), kind.name()))
}
