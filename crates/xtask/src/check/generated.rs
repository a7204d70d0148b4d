//! Documents that the program itself prints: they must be what it prints today.

use std::{fs, process::Command};

use anyhow::{Context as _, Result};

use super::verdict;
use crate::{process, workspace::Workspace};

/// Each document with the arguments that make `kaiwa` print it.
const DOCUMENTS: [(&str, &[&str]); 2] =
    [("docs/configuration.md", &["config", "docs"]), (".env.example", &["config", "example"])];

/// Compares every document with what the program prints.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    workspace.build_everything()?;
    let mut findings = Vec::new();
    for (path, arguments) in DOCUMENTS {
        let written = fs::read_to_string(workspace.root.join(path)).ok();
        if written != Some(printed(workspace, arguments)?) {
            findings.push(format!("{path} is out of date; `cargo xtask check --fix` writes it"));
        }
    }
    verdict(&findings)
}

/// Writes every document.
pub(super) fn write(workspace: &Workspace) -> Result<()> {
    workspace.build_everything()?;
    for (path, arguments) in DOCUMENTS {
        let path = workspace.root.join(path);
        fs::create_dir_all(path.parent().context("a document lies in a folder")?)?;
        fs::write(&path, printed(workspace, arguments)?)
            .with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

fn printed(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    process::output(Command::new(workspace.target.join("debug/kaiwa")).args(arguments))
}
