//! Embeds the built client: writes a table of every file in `frontend/dist` with its compressed forms.
//!
//! The folder is made by `cargo xtask client`. Without it the server still builds and says at `/` what is missing.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env_var("CARGO_MANIFEST_DIR")?);
    let dist = manifest.join("../frontend/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut files)?;
        files.sort();
    }
    let policy = fs::read_to_string(dist.join("csp.txt")).unwrap_or_default();
    let mut table = format!(
        "/// The document's Content-Security-Policy.\npub(super) const POLICY: &str = {:?};\n\n\
         /// Every file of the client.\npub(super) const FILES: &[EmbeddedFile] = &[\n",
        policy.trim()
    );
    for file in &files {
        let path = relative(&dist, file);
        let _infallible = writeln!(
            table,
            "    EmbeddedFile {{ path: {path:?}, plain: {}, brotli: {}, gzip: {} }},",
            include(file),
            include_if_there(file, "br"),
            include_if_there(file, "gz"),
        );
    }
    table.push_str("];\n");
    fs::write(PathBuf::from(env_var("OUT_DIR")?).join("client.rs"), table)
}

#[expect(clippy::disallowed_methods, reason = "a build script is configured by its environment")]
fn env_var(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

/// Every file below `folder` that is served under its own name.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if !matches!(path.extension().and_then(|e| e.to_str()), Some("br" | "gz"))
            && path
                .file_name()
                .is_some_and(|name| name != "csp.txt" && !name.to_string_lossy().starts_with('.'))
        {
            files.push(path);
        }
    }
    Ok(())
}

fn relative(dist: &Path, file: &Path) -> String {
    file.strip_prefix(dist).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

fn include(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn include_if_there(file: &Path, extension: &str) -> String {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    let compressed = PathBuf::from(name);
    if compressed.is_file() { format!("Some({})", include(&compressed)) } else { "None".to_owned() }
}
