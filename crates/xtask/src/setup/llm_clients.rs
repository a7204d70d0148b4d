//! The providers' official Python clients, which verify the scripted provider.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};

use super::{install_folder, say};
use crate::{env, process, workspace::Workspace};

const REQUIREMENTS: &str = "crates/mock-llm/tests/official_clients/requirements.txt";

/// A Python with the clients in the versions that the tests require. They are downloaded only once.
pub(crate) fn llm_clients(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join(REQUIREMENTS);
    let wanted = fs::read(&requirements).with_context(|| format!("could not read {REQUIREMENTS}"))?;
    let folder = env::cache_dir()?.join("llm-clients");
    let python = folder.join("bin/python");
    let stamp = "installed-requirements.txt";
    if fs::read(folder.join(stamp)).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let system = env::which("python3")
        .context("the providers' clients need Python 3.11 or newer with venv; install it")?;
    say("the providers' Python clients", "they verify that the scripted provider behaves like the real ones");
    install_folder(&folder, |place| {
        process::run_quiet(Command::new(&system).args(["-m", "venv"]).arg(place))?;
        let mut pip = Command::new(place.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
        process::run_quiet(pip.arg(&requirements))?;
        fs::write(place.join(stamp), &wanted).context("could not mark the clients as installed")
    })?;
    Ok(python)
}
