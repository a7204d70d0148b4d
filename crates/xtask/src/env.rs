//! The environment, which no other file of this tool reads, and the paths that depend on it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The value of an environment variable, unless it is unset or empty.
pub(crate) fn var(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "this module owns the environment of the developer tool")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The names of all variables that are set.
pub(crate) fn names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// The full path of a program on `PATH` or in the usual folders for daemons.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = var("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// `PATH` with one more folder in front.
pub(crate) fn path_with_first(folder: &Path) -> Result<OsString> {
    let path = var("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

/// The folder for tools and the WASM standard library: `$KAIWA_CACHE` or the user's cache folder.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    if let Some(folder) = var("KAIWA_CACHE") {
        return Ok(std::path::absolute(folder)?);
    }
    if let Some(folder) = var("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(folder).join("kaiwa"));
    }
    let home = var("HOME").or_else(|| var("USERPROFILE"));
    let home = home.context("neither KAIWA_CACHE nor HOME is set; set KAIWA_CACHE to a writable folder")?;
    Ok(PathBuf::from(home).join(".cache/kaiwa"))
}
