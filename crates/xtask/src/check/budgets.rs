//! Size budgets for the client as browsers receive it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::client;

/// The budget of everything that the first visit loads, in bytes, with brotli where there is a brotli copy. Most of it is
/// the WASM module.
const FIRST_VISIT: u64 = 492 * 1024;

/// The budget of each piece of the program (`frontend/src/pieces`), in bytes of brotli.
const PIECE: u64 = 80 * 1024;

/// The budget of everything that the first formula or code block loads, in bytes of brotli. Fonts, grammars and what draws
/// diagrams are loaded one by one as they are needed.
const LAZY: u64 = 112 * 1024;

/// The sizes of a built client.
pub(crate) struct ClientSize {
    /// The size of the WASM module, in bytes.
    pub(crate) module: u64,
    /// The size of the document and everything in `assets`, in bytes.
    pub(crate) first_visit: u64,
    /// The pieces of the program that are loaded on demand, by name, and their sizes in bytes.
    pieces: Vec<(String, u64)>,
    /// The size of what is loaded with the first formula or code block, in bytes.
    lazy: u64,
}

/// Measures a built client.
pub(crate) fn client_size(dist: &Path) -> Result<ClientSize> {
    let first_visit = transferred(&dist.join("index.html"))?;
    let mut size = ClientSize { module: 0, first_visit, pieces: Vec::new(), lazy: 0 };
    for file in client::files(&dist.join("assets"))? {
        let extension = file.extension().unwrap_or_default();
        if extension == "br" || extension == "gz" {
            continue;
        }
        let bytes = transferred(&file)?;
        let is_in = |start: &str| file.iter().any(|folder| folder.to_string_lossy().starts_with(start));
        if is_in(client::LAZY) {
            if extension != "woff2" && !is_in("languages") && !is_in("mermaid") {
                size.lazy += bytes;
            }
            continue;
        }
        if client::is_piece(&file) {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            size.pieces.push((name, bytes));
            continue;
        }
        size.first_visit += bytes;
        if extension == "wasm" {
            size.module += bytes;
        }
    }
    ensure!(size.module > 0, "{} has no WASM module", dist.display());
    Ok(size)
}

/// The transfer size of a file: that of its brotli copy, if it has one.
fn transferred(file: &Path) -> Result<u64> {
    let mut compressed = file.as_os_str().to_owned();
    compressed.push(".br");
    let compressed = PathBuf::from(compressed);
    let sent = if compressed.exists() { compressed.as_path() } else { file };
    Ok(fs::metadata(sent).with_context(|| format!("could not read {}", sent.display()))?.len())
}

/// Checks the built client against its budgets.
pub(super) fn check(dist: &Path) -> Result<()> {
    let size = client_size(dist)?;
    println!(
        "first visit {} of {} KB, {} KB of it the WASM module, on demand {} of {} KB",
        size.first_visit / 1024,
        FIRST_VISIT / 1024,
        size.module / 1024,
        size.lazy / 1024,
        LAZY / 1024
    );
    ensure!(
        size.first_visit <= FIRST_VISIT,
        "the first visit loads {} bytes, its budget is {FIRST_VISIT}",
        size.first_visit
    );
    for (name, bytes) in &size.pieces {
        println!("{name} {} of {} KB", bytes / 1024, PIECE / 1024);
        ensure!(*bytes <= PIECE, "the piece {name} is {bytes} bytes, its budget is {PIECE}");
    }
    ensure!(size.lazy <= LAZY, "what is loaded on demand is {} bytes, its budget is {LAZY}", size.lazy);
    Ok(())
}
