//! The figures that only a browser can measure.

use anyhow::Result;

use crate::{process, setup, test, workspace::Workspace};

/// Builds the server and the scripted provider, and runs the measurement in a browser.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if !workspace.root.join("frontend/e2e/bench.config.ts").exists() {
        return Ok(());
    }
    process::run(workspace.cargo().args([
        "build",
        "--release",
        "--package",
        "kaiwa",
        "--package",
        "kaiwa-mock-llm",
    ]))?;
    let services = setup::services(workspace)?;
    let mut playwright = test::browser_environment(workspace, &services, "release");
    process::run(playwright.args(["test", "--config", "bench.config.ts"]))
}
