//! The client's files: their hashed names and compressed copies.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::{Mode, inputs};

/// Files that are worth compressing. Images and fonts are compressed already.
const COMPRESSIBLE: [&str; 10] =
    ["html", "js", "mjs", "css", "wasm", "svg", "json", "webmanifest", "txt", "xml"];

/// Every file of the client by its path below the root of the site.
#[derive(Default)]
pub(super) struct Assets {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Assets {
    /// Adds a file under a fixed name.
    pub(super) fn add(&mut self, path: impl Into<PathBuf>, content: Vec<u8>) {
        self.files.insert(path.into(), content);
    }

    /// Adds a file as `assets/<stem>-<hash>.<extension>` and returns its file name.
    pub(super) fn add_hashed(&mut self, stem: &str, extension: &str, content: Vec<u8>) -> String {
        let name = format!("{stem}-{}.{extension}", short_hash(&content));
        self.add(Path::new("assets").join(&name), content);
        name
    }

    /// Adds files that load each other by relative addresses in one hashed folder, and returns the folder's name.
    pub(super) fn add_hashed_folder(&mut self, stem: &str, files: Vec<(PathBuf, Vec<u8>)>) -> String {
        let mut digest = Sha256::new();
        for (path, content) in &files {
            digest.update(path.to_string_lossy().as_bytes());
            digest.update(content);
        }
        let name = format!("{stem}-{}", hex(&digest.finalize()[..8]));
        for (path, content) in files {
            self.add(Path::new("assets").join(&name).join(path), content);
        }
        name
    }

    /// Adds every file of a folder under its own name, at the root of the site.
    pub(super) fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for file in inputs::files(folder)? {
            let content = fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            self.add(file.strip_prefix(folder)?, content);
        }
        Ok(())
    }

    /// Writes all files with their compressed copies, on as many threads as there are processors.
    pub(super) fn write(&self, root: &Path, mode: Mode) -> Result<()> {
        let mut waiting: Vec<_> = self.files.iter().collect();
        // The largest take longest, so they begin first.
        waiting.sort_by_key(|(_, content)| content.len());
        let waiting = Mutex::new(waiting);
        let next = || waiting.lock().ok().and_then(|mut files| files.pop());
        let work = || {
            while let Some((path, content)) = next() {
                write_one(&root.join(path), content, mode)?;
            }
            anyhow::Ok(())
        };
        thread::scope(|scope| {
            let count = thread::available_parallelism().map_or(1, std::num::NonZero::get);
            let writers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
            for writer in writers {
                match writer.join() {
                    Ok(result) => result?,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(())
        })
    }
}

fn write_one(path: &Path, content: &[u8], mode: Mode) -> Result<()> {
    fs::create_dir_all(path.parent().context("a client file lies in a folder")?)?;
    fs::write(path, content).with_context(|| format!("could not write {}", path.display()))?;
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    // Servers read the policy; it is never sent as a file.
    if !COMPRESSIBLE.contains(&extension.as_str()) || path.ends_with("csp.txt") {
        return Ok(());
    }
    for (suffix, compressed) in [("br", brotli(content, mode)?), ("gz", gzip(content, mode)?)] {
        if compressed.len() < content.len() {
            fs::write(path.with_extension(format!("{extension}.{suffix}")), compressed)?;
        }
    }
    Ok(())
}

fn brotli(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let quality = match mode {
        Mode::Quick => 1,
        Mode::Small => 11,
    };
    let params = brotli::enc::BrotliEncoderParams { quality, lgwin: 24, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let level = match mode {
        Mode::Quick => flate2::Compression::fast(),
        Mode::Small => flate2::Compression::best(),
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Sixteen hexadecimal digits of the content's hash, enough to avoid collisions.
fn short_hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content)[..8])
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
