//! Finds or installs `wasm-opt`, which makes the client a third smaller. The client also works without it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{install_folder, say};
use crate::{env, process};

/// The version to install, which is also the oldest one that can read the output of current Rust.
const VERSION: u32 = 132;
const OLDEST: u32 = 120;

/// How to call `wasm-opt`.
pub(crate) struct WasmOpt {
    program: PathBuf,
    /// npm's package runs on Node.
    node: bool,
}

impl WasmOpt {
    /// A call without arguments.
    pub(crate) fn command(&self) -> Command {
        if !self.node {
            return Command::new(&self.program);
        }
        let mut command = Command::new("node");
        command.arg(&self.program);
        command
    }
}

/// Finds or installs `wasm-opt`. Returns `None` without npm.
pub(crate) fn wasm_opt() -> Result<Option<WasmOpt>> {
    if let Some(program) = env::which("wasm-opt").filter(|program| is_new_enough(program)) {
        return Ok(Some(WasmOpt { program, node: false }));
    }
    let folder = env::cache_dir()?.join("tools").join(format!("binaryen-{VERSION}"));
    let installed = WasmOpt { program: folder.join("node_modules/binaryen/bin/wasm-opt"), node: true };
    if installed.program.exists() {
        return Ok(Some(installed));
    }
    if env::which("npm").is_none() || env::which("node").is_none() {
        println!(
            "setup: npm is missing, so wasm-opt cannot be installed and the client will be larger. Install Node.js 20 or newer."
        );
        return Ok(None);
    }
    fs::create_dir_all(env::cache_dir()?.join("tools"))?;
    say(&format!("wasm-opt {VERSION}"), "it makes the client a third smaller");
    install_folder(&folder, |place| {
        let mut npm = process::npm(place);
        npm.args(["install", "--no-save", "--prefix", ".", &format!("binaryen@{VERSION}.0.0")]);
        process::run_quiet(&mut npm)
    })?;
    Ok(Some(installed))
}

fn is_new_enough(program: &Path) -> bool {
    let version = process::output(Command::new(program).arg("--version")).unwrap_or_default();
    version.split_whitespace().filter_map(|word| word.parse::<u32>().ok()).any(|number| number >= OLDEST)
}
