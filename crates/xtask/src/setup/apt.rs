//! Installs Debian packages.

use std::{process::Command, sync::OnceLock};

use anyhow::{Context as _, Result, bail};

use super::say;
use crate::{env, process};

/// Whether this user may install packages with apt.
pub(super) fn available() -> bool {
    env::which("apt-get").is_some() && is_root()
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs packages, or names the command if this user is not allowed to.
pub(super) fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    if !available() {
        bail!("missing: {why}. Install it first; on Debian or Ubuntu: sudo apt-get install {list}");
    }
    say(&list, why);
    update_once()?;
    let mut command = apt_get();
    command.args(["install", "-y", "--no-install-recommends"]).args(packages);
    process::run_quiet(&mut command).with_context(|| format!("could not install {list}"))
}

/// Whether apt knows a package by this name.
pub(super) fn knows(package: &str) -> bool {
    update_once().is_ok() && process::output(Command::new("apt-cache").args(["show", package])).is_ok()
}

fn update_once() -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        process::run_quiet(apt_get().arg("update"))?;
        UPDATED.get_or_init(|| ());
    }
    Ok(())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-qq");
    // Run level 1 keeps a package from starting its service; `xtask` starts its own.
    command.env("RUNLEVEL", "1").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
