//! `cargo xtask bench`: the figures of `docs/performance.md`, as Markdown tables.

mod relay;
mod release;
mod repaint;

use anyhow::Result;
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
}

/// Builds the release, measures it and prints the figures.
pub(crate) fn run(workspace: &Workspace, part: Option<Part>) -> Result<()> {
    match part {
        Some(Part::Release) => release::run(workspace),
        Some(Part::Repaint) => repaint::run(workspace),
        Some(Part::Relay) => relay::run(workspace),
        None => {
            release::run(workspace)?;
            repaint::run(workspace)?;
            relay::run(workspace)
        }
    }
}
