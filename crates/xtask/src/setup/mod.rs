//! Installs missing tools.
//!
//! Every step first checks whether its result exists, prints one line that says what it installs and why, builds in a
//! temporary folder, and moves the result into place last. An interrupted step therefore leaves nothing that looks
//! finished.

mod apt;
mod bindgen;
mod npm;
mod python;
mod services;
mod wasm;
mod wasm_opt;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

pub(crate) use self::{
    apt::is_root,
    bindgen::wasm_bindgen,
    npm::{HIGHLIGHT, MERMAID},
    python::{LLM_CLIENTS, SCHEMATHESIS, python},
    services::{Services, nginx, postgres, services},
    wasm::{TARGET as WASM_TARGET, wasm_toolchain},
    wasm_opt::wasm_opt,
};
use crate::{env, workspace::Workspace};

/// Installs everything that builds need, and with `test` also everything that tests need.
pub(crate) fn all(workspace: &Workspace, test: bool) -> Result<()> {
    wasm_toolchain()?;
    wasm_bindgen(workspace)?;
    wasm_opt()?;
    HIGHLIGHT.folder()?;
    MERMAID.folder()?;
    if test {
        services(workspace)?;
        python(workspace, &LLM_CLIENTS)?;
        python(workspace, &SCHEMATHESIS)?;
    }
    println!("Everything is in place.");
    Ok(())
}

/// Prints what is being installed and why.
fn say(what: &str, why: &str) {
    println!("setup: installing {what}: {why}");
}

/// Fills a temporary folder and moves it to `place` when it is complete.
fn install_folder(place: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let unfinished = unfinished_name(place)?;
    remove_if_present(&unfinished)?;
    fs::create_dir_all(&unfinished).with_context(|| format!("could not create {}", unfinished.display()))?;
    fill(&unfinished)?;
    remove_if_present(place)?;
    fs::rename(&unfinished, place).with_context(|| format!("could not create {}", place.display()))
}

/// A folder for intermediate results, which no later step may use.
fn scratch(name: &str) -> Result<PathBuf> {
    let folder = env::cache_dir()?.join("build").join(name);
    remove_if_present(&folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    Ok(folder)
}

fn unfinished_name(place: &Path) -> Result<PathBuf> {
    let mut name = place.file_name().context("a tool is installed in a named folder")?.to_owned();
    name.push(".unfinished");
    Ok(place.with_file_name(name))
}

/// Removes a folder and everything in it, if it exists.
pub(crate) fn remove_if_present(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
