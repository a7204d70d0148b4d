//! `cargo xtask bench`: the figures of `docs/performance.md`, as Markdown tables.

mod relay;
mod release;
mod repaint;

use anyhow::Result;
use clap::ValueEnum;

use crate::workspace::Workspace;

/// What can be measured alone.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Part {
    /// The binary, its start, its memory at rest, and the client's weight
    Release,
    /// What a reader's browser does for a frame of a growing reply
    Repaint,
    /// Tokens through Kaiwa, beside nginx and the provider alone
    Relay,
}

/// Builds the release, measures it, and prints what was measured.
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
