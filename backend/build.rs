//! Embeds the static files: writes a table of the built client and of the page that shows the API document.
//!
//! `cargo xtask client` builds the client into `frontend/dist`. Without it, the server still builds and reports at `/`
//! what is missing.

use std::{
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::{CompressionMethod, ZipArchive};

/// The files of Swagger UI that the page of the API document needs.
const SWAGGER_UI: [&str; 3] = ["index.css", "swagger-ui-bundle.js", "swagger-ui.css"];

/// A row of the table.
struct File {
    /// The path at which it is served, without a leading slash.
    path: String,
    content: Content,
}

enum Content {
    Plain(PathBuf),
    Compressed { brotli: Option<PathBuf>, gzip: PathBuf },
}

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env_var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env_var("OUT_DIR")?);
    let (dist, page) = (manifest.join("../frontend/dist"), manifest.join("api-page"));
    for folder in [&dist, &page] {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut files = swagger_ui(&out)?;
    collect(&page, &page, "docs/", &mut files)?;
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, "", &mut files)?;
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let policy = fs::read_to_string(dist.join("csp.txt")).unwrap_or_default();
    fs::write(out.join("static_files.rs"), table(&files, policy.trim())?)
}

#[expect(clippy::disallowed_methods, reason = "a build script is configured by its environment")]
fn env_var(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

/// Collects every file below `folder` that is served, at `prefix` and its own name.
fn collect(root: &Path, folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, prefix, files)?;
        } else if !matches!(path.extension().and_then(|e| e.to_str()), Some("br" | "gz"))
            && path
                .file_name()
                .is_some_and(|name| name != "csp.txt" && !name.to_string_lossy().starts_with('.'))
        {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let content = match with_suffix(&path, "gz") {
                Some(gzip) => Content::Compressed { brotli: with_suffix(&path, "br"), gzip },
                None => Content::Plain(path),
            };
            files.push(File { path: format!("{prefix}{name}"), content });
        }
    }
    Ok(())
}

/// The compressed copy of a file, if there is one.
fn with_suffix(file: &Path, suffix: &str) -> Option<PathBuf> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    Some(PathBuf::from(name)).filter(|path| path.is_file())
}

/// Extracts Swagger UI's files from its release archive. Zip and gzip contain the same compressed bytes, so nothing has to
/// be compressed here.
fn swagger_ui(out: &Path) -> io::Result<Vec<File>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index_raw(at)?;
        let name = entry.name()?.into_owned();
        // The top folder contains the version in its name.
        let below = name.split_once('/').and_then(|(_, path)| path.strip_prefix("dist/"));
        let Some(name) = below.filter(|name| SWAGGER_UI.contains(name)) else { continue };
        if entry.compression() != CompressionMethod::DEFLATE {
            return Err(io::Error::other(format!("Swagger UI's {name} is not compressed with deflate")));
        }
        // A gzip header: deflate, no name, no time, unknown system.
        let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        entry.read_to_end(&mut gzip)?;
        let size = u32::try_from(entry.size()).map_err(io::Error::other)?;
        gzip.extend(entry.crc32().to_le_bytes());
        gzip.extend(size.to_le_bytes());
        let path = out.join(format!("{name}.gz"));
        fs::write(&path, gzip)?;
        let content = Content::Compressed { brotli: None, gzip: path };
        files.push(File { path: format!("docs/{name}"), content });
    }
    if files.len() != SWAGGER_UI.len() {
        return Err(io::Error::other("a file is missing in Swagger UI's release"));
    }
    Ok(files)
}

/// Renders the table as Rust source.
fn table(files: &[File], policy: &str) -> io::Result<String> {
    let mut table = format!(
        "/// The Content-Security-Policy of the client's document.\npub(super) const CLIENT_POLICY: &str = {policy:?};\n\n\
         /// Every file, sorted by its path.\npub(super) static FILES: [EmbeddedFile; {}] = [\n",
        files.len()
    );
    for File { path, content } in files {
        let (digest, content) = match content {
            Content::Plain(file) => (digest(file)?, format!("Content::Plain({})", include(file))),
            Content::Compressed { brotli, gzip } => {
                let brotli =
                    brotli.as_ref().map_or("None".to_owned(), |file| format!("Some({})", include(file)));
                let gzip_bytes = include(gzip);
                let content = format!(
                    "Content::Compressed {{ brotli: {brotli}, gzip: {gzip_bytes}, plain: OnceLock::new() }}"
                );
                (digest(gzip)?, content)
            }
        };
        let _infallible = writeln!(
            table,
            "    EmbeddedFile {{ path: {path:?}, digest: \"{digest:016x}\", content: {content} }},"
        );
    }
    table.push_str("];\n");
    Ok(table)
}

fn include(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn digest(file: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(file)?.hash(&mut hasher);
    Ok(hasher.finish())
}
