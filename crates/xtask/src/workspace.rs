//! The checkout this tool was started in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{env, process};

/// Paths of the checkout and of its build output.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, which the user can configure.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the checkout through cargo, which knows all ways to configure the target folder.
    pub(crate) fn find() -> Result<Self> {
        // Read at run time: several checkouts can share a target folder and with it this program.
        let package =
            env::var("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = package.ancestors().nth(2).context("crates/xtask has no grandparent")?.to_path_buf();
        let mut metadata = native_cargo(&root);
        metadata.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
        let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut metadata)?)?;
        let target =
            metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
        Ok(Self { target: PathBuf::from(target), root })
    }

    /// Cargo with the toolchain that started this tool.
    pub(crate) fn cargo(&self) -> Command {
        native_cargo(&self.root)
    }

    /// Builds all programs and tests at once, so that all steps use the same build.
    pub(crate) fn build_everything(&self) -> Result<()> {
        process::run(self.cargo().args(["build", "--workspace", "--all-targets"]))
    }

    /// The version of a package in `Cargo.lock`, or the first of several.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let lock = fs::read_to_string(self.root.join("Cargo.lock")).context("could not read Cargo.lock")?;
        let entry = format!("name = \"{package}\"\nversion = \"");
        lock.split_once(&entry)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(version, _)| version.to_owned())
            .with_context(|| format!("Cargo.lock has no {package}"))
    }

    /// The folder with the source of a package from a registry.
    pub(crate) fn source_of(&self, package: &str) -> Result<PathBuf> {
        let mut metadata = self.cargo();
        metadata.args(["metadata", "--format-version", "1", "--locked"]);
        let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut metadata)?)?;
        let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
        let manifest = packages
            .iter()
            .find(|one| one["name"] == package)
            .and_then(|one| one["manifest_path"].as_str())
            .with_context(|| format!("no crate depends on {package}"))?;
        Ok(Path::new(manifest).parent().context("a manifest is in a folder")?.to_path_buf())
    }

    /// The folder of the built client.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("frontend/dist")
    }
}

fn native_cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    clear_package_variables(&mut command);
    command
}

/// The variables with which `cargo run` describes this package. Passed on, they would make builds look changed.
pub(crate) fn clear_package_variables(command: &mut Command) {
    for name in env::names() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
}
