//! Packages from npm whose ready-made modules the client serves.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{install_folder, say};
use crate::{env, process};

/// A package, of which neither dependencies nor scripts are needed.
pub(crate) struct Package {
    name: &'static str,
    version: &'static str,
    why: &'static str,
}

/// Colours code. BSD-3-Clause.
pub(crate) const HIGHLIGHT: Package =
    Package { name: "@highlightjs/cdn-assets", version: "11.12.0", why: "it colours code in the client" };

/// Draws diagrams. MIT.
pub(crate) const MERMAID: Package =
    Package { name: "mermaid", version: "12.3.0", why: "it draws diagrams in the client" };

impl Package {
    /// The folder of the package, which is downloaded with npm.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        let Self { name, version, why } = self;
        let tools = env::cache_dir()?.join("tools");
        let folder = tools.join(format!("{}-{version}", name.trim_start_matches('@').replace('/', "-")));
        let package = folder.join("package");
        if package.exists() {
            return Ok(package);
        }
        if env::which("npm").is_none() {
            bail!("npm is missing, which downloads {name} for the client. Install Node.js 20 or newer.");
        }
        fs::create_dir_all(&tools)?;
        say(&format!("{name} {version}"), why);
        install_folder(&folder, |place| {
            process::run_quiet(process::npm(place).args(["pack", &format!("{name}@{version}")]))?;
            let archive = fs::read_dir(place)?.next().context("npm has downloaded nothing")??.path();
            process::run_quiet(
                std::process::Command::new("tar").current_dir(place).arg("-xzf").arg(&archive),
            )?;
            fs::remove_file(archive).context("could not remove the archive")
        })?;
        Ok(package)
    }
}
