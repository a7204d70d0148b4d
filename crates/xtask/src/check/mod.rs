//! `cargo xtask check`: static checks.

mod budgets;
mod dependencies;
mod generated;
mod sources;

use anyhow::Result;

pub(crate) use self::budgets::client_size;
use crate::{client, process, setup, test::Report, workspace::Workspace};

/// Runs every check. With `fix`, formats the code and rewrites the generated documents first.
pub(crate) fn run(workspace: &Workspace, fix: bool) -> Result<()> {
    let mut report = Report::default();
    if fix {
        process::run(workspace.cargo().args(["fmt", "--all"]))?;
        generated::write(workspace)?;
    }
    report.step("client", || client::build(workspace, client::Mode::Small));
    steps(workspace, &mut report);
    report.finish()
}

/// The checks, as steps of a longer report. The client must have been built.
pub(crate) fn steps(workspace: &Workspace, report: &mut Report) {
    report.step("format", || process::run(workspace.cargo().args(["fmt", "--all", "--", "--check"])));
    report.step("sources", || sources::check(&workspace.root));
    report.step("dependencies", || dependencies::check(workspace));
    report.step("client size", || budgets::check(&workspace.dist()));
    report.step("clippy", || {
        let mut cargo = workspace.cargo();
        process::run(cargo.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--keep-going",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.step("clippy for the browser", || {
        let mut cargo = setup::wasm_toolchain()?.cargo(workspace)?;
        cargo.args(["clippy", "--package", "kaiwa-frontend", "--target", setup::WASM_TARGET]);
        process::run(cargo.arg("--target-dir").arg(&workspace.target).args(["--", "-D", "warnings"]))
    });
    report.step("generated documents", || generated::check(workspace));
}

/// Fails with all findings, or passes if there are none.
fn verdict(findings: &[String]) -> Result<()> {
    anyhow::ensure!(findings.is_empty(), "{} findings\n  {}", findings.len(), findings.join("\n  "));
    Ok(())
}
