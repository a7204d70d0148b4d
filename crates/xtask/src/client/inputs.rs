//! A digest of everything that the client is built from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::assets::hex;

/// All inputs of the build, including this tool.
pub(crate) const INPUTS: [&str; 12] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/formulas",
    "crates/markdown",
    "crates/xtask/src/client",
    "frontend/Cargo.toml",
    "frontend/index.html",
    "frontend/lazy",
    "frontend/src",
    "frontend/static",
    "frontend/style",
    "shared",
];

/// A digest over the names and contents of all inputs.
pub(super) fn digest(root: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    for input in INPUTS {
        for file in files(&root.join(input))? {
            let content = fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            let name = file.strip_prefix(root)?.to_string_lossy();
            digest.update(format!("{name}\0{}\0", content.len()));
            digest.update(content);
        }
    }
    Ok(hex(&digest.finalize()))
}

/// All files at or below a path, in name order; none if it does not exist.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    let nested: Vec<Vec<PathBuf>> = entries.iter().map(|entry| files(entry)).collect::<Result<_>>()?;
    Ok(nested.into_iter().flatten().collect())
}
