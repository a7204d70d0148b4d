//! `cargo xtask bench`: the figures of `docs/performance.md`, as Markdown tables.

mod abuse;
mod relay;
mod release;
mod repaint;

use std::fs;

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::workspace::Workspace;

/// A part of the figures.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Part {
    /// The binary's size, start and idle memory, and the client's size
    Release,
    /// The browser's work per frame of a growing reply
    Repaint,
    /// Tokens through Kaiwa, compared with nginx and the provider alone
    Relay,
    /// One user's stream while another user abuses the server
    Abuse,
}

/// Builds the release, measures it and prints the figures.
pub(crate) fn run(workspace: &Workspace, part: Option<Part>) -> Result<()> {
    match part {
        Some(Part::Release) => release::run(workspace),
        Some(Part::Repaint) => repaint::run(workspace),
        Some(Part::Relay) => relay::run(workspace),
        Some(Part::Abuse) => abuse::run(workspace),
        None => {
            release::run(workspace)?;
            repaint::run(workspace)?;
            relay::run(workspace)?;
            abuse::run(workspace)
        }
    }
}

/// A figure of a process's memory, in KiB: `VmRSS` is its resident memory, `VmHWM` the maximum of that.
fn memory_kilobytes(process: u32, name: &str) -> Result<u64> {
    let status =
        fs::read_to_string(format!("/proc/{process}/status")).context("memory is measured on Linux only")?;
    let figure = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let figure = figure.with_context(|| format!("the system reports no {name}"))?;
    let kilobytes = figure.trim().trim_end_matches("kB").trim();
    kilobytes.parse().with_context(|| format!("`{kilobytes}` is not a size"))
}
