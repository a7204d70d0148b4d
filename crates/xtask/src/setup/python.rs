//! Python programs that verify ours, each in an environment of its own.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};

use super::{install_folder, say};
use crate::{env, process, workspace::Workspace};

/// The packages of one environment.
pub(crate) struct Packages {
    /// The name of its folder in the cache.
    folder: &'static str,
    /// The file with their exact versions.
    requirements: &'static str,
    what: &'static str,
    why: &'static str,
}

/// The providers' official clients.
pub(crate) const LLM_CLIENTS: Packages = Packages {
    folder: "llm-clients",
    requirements: "crates/mock-llm/tests/official_clients/requirements.txt",
    what: "the providers' Python clients",
    why: "they verify that the scripted provider behaves like the real ones",
};

/// Schemathesis.
pub(crate) const SCHEMATHESIS: Packages = Packages {
    folder: "schemathesis",
    requirements: "backend/tests/api/schemathesis/requirements.txt",
    what: "schemathesis",
    why: "it verifies that the server does what its API document says",
};

/// A Python with these packages in the required versions. They are downloaded only once.
pub(crate) fn python(workspace: &Workspace, packages: &Packages) -> Result<PathBuf> {
    let Packages { folder, requirements, what, why } = packages;
    let file = workspace.root.join(requirements);
    let wanted = fs::read(&file).with_context(|| format!("could not read {requirements}"))?;
    let folder = env::cache_dir()?.join(folder);
    let python = folder.join("bin/python");
    let stamp = "installed-requirements.txt";
    if fs::read(folder.join(stamp)).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let system = env::which("python3")
        .with_context(|| format!("{what}: Python 3.11 or newer with venv is missing; install it"))?;
    say(what, why);
    install_folder(&folder, |place| {
        process::run_quiet(Command::new(&system).args(["-m", "venv"]).arg(place))?;
        let mut pip = Command::new(place.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
        process::run_quiet(pip.arg(&file))?;
        fs::write(place.join(stamp), &wanted).context("could not mark the packages as installed")
    })?;
    Ok(python)
}
