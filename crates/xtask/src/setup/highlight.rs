//! highlight.js, which colours code in the client, as npm's ready-made modules.

use std::{fs, path::PathBuf};

use anyhow::{Result, bail};

use super::{install_folder, say};
use crate::{env, process};

const VERSION: &str = "11.12.0";

/// The folder with its modules, which is installed with npm.
pub(crate) fn highlight() -> Result<PathBuf> {
    let folder = env::cache_dir()?.join("tools").join(format!("highlight.js-{VERSION}"));
    let modules = folder.join("node_modules/@highlightjs/cdn-assets/es");
    if modules.exists() {
        return Ok(modules);
    }
    if env::which("npm").is_none() {
        bail!("npm is missing, which installs highlight.js for the client. Install Node.js 20 or newer.");
    }
    fs::create_dir_all(env::cache_dir()?.join("tools"))?;
    say(&format!("highlight.js {VERSION}"), "it colours code in the client");
    install_folder(&folder, |place| {
        let mut npm = process::npm(place);
        npm.args(["install", "--no-save", "--prefix", ".", &format!("@highlightjs/cdn-assets@{VERSION}")]);
        process::run_quiet(&mut npm)
    })?;
    Ok(modules)
}
