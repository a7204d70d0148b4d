//! Installs what the tests run against: a database server, a web server and a browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::apt;
use crate::{env, process, workspace::Workspace};

/// Debian's package of Chromium's headless shell.
const HEADLESS: &str = "chromium-headless-shell";

/// The programs that the tests start.
pub(crate) struct Services {
    pub(crate) nginx: PathBuf,
    pub(crate) chromium: PathBuf,
}

/// The folder of PostgreSQL's server programs. Installs them if they are missing.
pub(crate) fn postgres() -> Result<PathBuf> {
    find_or_install(find_postgres, &["postgresql"], "PostgreSQL, because every repository is tested on it")
}

/// The web server. Installs it if it is missing.
pub(crate) fn nginx() -> Result<PathBuf> {
    find_or_install(
        || env::which("nginx"),
        &["nginx", "libnginx-mod-http-brotli-static"],
        "nginx, because the browser tests use the image's configuration, and the benchmark compares with it",
    )
}

/// Everything that the browser tests need.
pub(crate) fn services(workspace: &Workspace) -> Result<Services> {
    let nginx = nginx()?;
    let chromium = chromium()?;
    if !has_chinese_font() {
        let why = "a Chinese font, because screenshots show both languages";
        // Without it, Chinese text is shown as boxes, but no test fails.
        if let Err(error) = apt::install(&["fonts-noto-cjk"], why) {
            println!("setup: {error:#}");
        }
    }
    find_or_install(
        || env::which("npm"),
        &["nodejs", "npm"],
        "Node.js 20 or newer, because the browser tests run on it",
    )?;
    browser_test_packages(&workspace.root.join("frontend/e2e"))?;
    postgres()?;
    Ok(Services { nginx, chromium })
}

fn find_or_install(find: impl Fn() -> Option<PathBuf>, packages: &[&str], why: &str) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    apt::install(packages, why)?;
    find().with_context(|| format!("installed {}, but it is still not found", packages.join(" ")))
}

/// Finds it on `PATH` or in Debian's folders for each version, of which the latest is used.
fn find_postgres() -> Option<PathBuf> {
    let on_path = env::which("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf));
    on_path.or_else(|| {
        let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
        let folders = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let newest = folders.filter(|folder| folder.join("bin/initdb").exists()).max_by_key(version)?;
        Some(newest.join("bin"))
    })
}

/// An installed Chromium, or else the headless shell if the distribution has it: it starts faster, which shortens the
/// tests.
fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var("CHROMIUM_BIN") {
        return Ok(PathBuf::from(chosen));
    }
    let names = [HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let find = || names.iter().find_map(|name| env::which(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    let package = if apt::available() && apt::knows(HEADLESS) { HEADLESS } else { "chromium" };
    find_or_install(find, &[package], "Chromium, because the tests use a real browser")
}

fn has_chinese_font() -> bool {
    let fonts = process::output(Command::new("fc-list").arg(":lang=zh"));
    fonts.is_ok_and(|fonts| !fonts.trim().is_empty())
}

/// Runs `npm ci` if the lock file has changed since it was last installed.
fn browser_test_packages(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .context("could not read frontend/e2e/package-lock.json")?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    super::say("the browser test packages", "frontend/e2e/package-lock.json has changed or they are missing");
    process::run_quiet(process::npm(folder).arg("ci"))?;
    fs::write(stamp, lock).context("could not mark the browser test packages as installed")
}
