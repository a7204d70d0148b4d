//! The `wasm-bindgen` tool, whose version must equal that of the library in `Cargo.lock`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use super::{install_folder, say, scratch};
use crate::{env, process, workspace::Workspace};

/// Finds or installs `wasm-bindgen`.
pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    let version = workspace.locked_version("wasm-bindgen")?;
    if let Some(program) = env::which("wasm-bindgen") {
        let found = process::output(Command::new(&program).arg("--version")).unwrap_or_default();
        if found.trim().strip_prefix("wasm-bindgen ") == Some(version.as_str()) {
            return Ok(program);
        }
    }
    let folder = env::cache_dir()?.join("tools").join(format!("wasm-bindgen-{version}"));
    let program = folder.join("bin/wasm-bindgen");
    if program.exists() {
        return Ok(program);
    }
    fs::create_dir_all(env::cache_dir()?.join("tools"))?;
    say(&format!("wasm-bindgen {version}"), "it generates the client's JavaScript (about three minutes)");
    install_folder(&folder, |root| {
        let target = scratch("wasm-bindgen")?;
        let mut cargo = workspace.cargo();
        // Not optimized: the tool runs for half a second, and optimizing takes minutes. Not `--locked`: its lock file
        // names crates that the registry does not have.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_STRIP", "true");
        cargo.args([
            "install",
            "--quiet",
            "wasm-bindgen-cli",
            "--version",
            &version,
            "--no-default-features",
        ]);
        cargo.args(["--no-track", "--root"]).arg(root).arg("--target-dir").arg(&target);
        process::run_quiet(&mut cargo)?;
        super::remove_if_present(&target)
    })?;
    Ok(program)
}
