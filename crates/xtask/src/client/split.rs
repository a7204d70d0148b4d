//! Splits the linked module into the one that the first visit loads and the pieces that are loaded on demand.
//!
//! In the client, `#[wasm_split(name, …)]` marks the functions with which a piece begins. What only they use becomes
//! `split_<name>.wasm`, what only several pieces share becomes `chunk_<number>.wasm`, and a script loads both.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

/// The flag for the linker, without which a module cannot be split.
pub(super) const LINK_FLAG: &str = "-Clink-arg=--emit-relocs";

/// The script that loads the pieces. The main module imports it.
const SCRIPT: &str = "./__wasm_split.js";

/// Writes the pieces and their script into `folder`, and returns the path of the main module, which is not bound yet.
pub(super) fn split(module: &Path, name: &str, folder: &Path) -> Result<PathBuf> {
    let input = fs::read(module).with_context(|| format!("could not read {}", module.display()))?;
    let main = folder.with_extension("wasm");
    let script_of_main = format!("./{name}.js");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = SCRIPT;
    options.main_module = &script_of_main;
    transform(options).map_err(|error| anyhow!("could not split {}: {error:#}", module.display()))?;
    Ok(main)
}

/// Whether a file is a piece that is loaded on demand.
pub(crate) fn is_piece(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".wasm") && (name.starts_with("split_") || name.starts_with("chunk_"))
}
