//! Rules for the dependency tree.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::verdict;
use crate::{process, setup, workspace::Workspace};

/// Crates of the server, which the client must not depend on.
const SERVER_CRATES: [&str; 11] = [
    "actix-web",
    "kaiwa",
    "kaiwa-auth",
    "kaiwa-bus",
    "kaiwa-egress",
    "kaiwa-engine",
    "kaiwa-llm",
    "kaiwa-store",
    "reqwest",
    "sqlx",
    "tokio",
];

/// Crypto libraries other than `aws-lc-rs`. With only one, rustls never has to choose.
const OTHER_CRYPTO: [&str; 2] = ["openssl-sys", "ring"];

/// Checks the client's tree, the crypto libraries and the licences.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Vec::new();
    let client = tree(workspace, &["--package", "kaiwa-frontend", "--target", setup::WASM_TARGET])?;
    for name in SERVER_CRATES.iter().filter(|name| client.contains(**name)) {
        findings.push(format!("the client depends on {name}, which belongs to the server"));
    }
    let all = tree(workspace, &["--workspace"])?;
    for name in OTHER_CRYPTO.iter().filter(|name| all.contains(**name)) {
        findings.push(format!(
            "{name} is a second crypto library; `cargo tree --invert {name}` tells who brings it"
        ));
    }
    findings.extend(copyleft(workspace, &all)?);
    verdict(&findings)
}

/// The names of all compiled packages, except those for tests.
fn tree(workspace: &Workspace, selection: &[&str]) -> Result<BTreeSet<String>> {
    let mut cargo = workspace.cargo();
    cargo.args(["tree", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let listing = process::output(cargo.args(selection))?;
    Ok(listing.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

/// Packages that are available only under a licence of the GPL family.
fn copyleft(workspace: &Workspace, compiled: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut cargo = workspace.cargo();
    cargo.args(["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&process::output(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    Ok(packages
        .iter()
        .filter(|package| compiled.contains(&text(package, "name")) && is_copyleft(&text(package, "license")))
        .map(|package| format!("{} is licensed under {}", text(package, "name"), text(package, "license")))
        .collect())
}

/// Whether every licence in the expression is of the GPL family.
fn is_copyleft(license: &str) -> bool {
    license.contains("GPL") && license.split(" OR ").all(|choice| choice.contains("GPL"))
}

#[cfg(test)]
mod tests {
    use super::is_copyleft;

    #[test]
    fn a_licence_choice_without_gpl_is_accepted() {
        assert!(!is_copyleft("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
        assert!(!is_copyleft("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!is_copyleft(""));
    }

    #[test]
    fn a_gpl_licence_without_a_choice_is_reported() {
        assert!(is_copyleft("AGPL-3.0-only"));
        assert!(is_copyleft("GPL-2.0 OR GPL-3.0"));
        assert!(is_copyleft("MIT AND GPL-3.0-or-later"));
    }
}
