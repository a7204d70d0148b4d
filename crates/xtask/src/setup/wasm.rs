//! Finds or installs a Rust toolchain that builds for the browser.
//!
//! The current toolchain is used if it has the WASM target or rustup can add it. Otherwise Debian's Rust builds the
//! client: its packages contain the compiler, and the standard library is built once from their sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use super::{apt, install_folder, say, scratch};
use crate::{
    env, process,
    workspace::{Workspace, clear_package_variables},
};

/// The target of the client.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const PACKAGES: [&str; 6] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web", "lld-22"];
/// Compiler flags for the client. With erased view types it is an eighth smaller and builds faster.
const FLAGS: [&str; 2] = ["--cfg", "erase_components"];

const DEBIAN_BIN: &str = "/usr/bin";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-22";

/// A cargo that builds for [`TARGET`].
pub(crate) enum WasmToolchain {
    /// The cargo that started this tool.
    Active,
    /// Debian's cargo, with the folder of the WASM standard library if that was built separately.
    Debian { sysroot: Option<PathBuf> },
}

impl WasmToolchain {
    /// Cargo, configured to build for [`TARGET`].
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Result<Command> {
        let mut command = match self {
            Self::Active => workspace.cargo(),
            Self::Debian { .. } => debian_cargo()?,
        };
        command.current_dir(&workspace.root);
        // The encoded form overrides every other way to set flags, so the user's flags are included.
        let users = env::var("RUSTFLAGS").unwrap_or_default();
        let users = users.to_string_lossy();
        let mut flags: Vec<&str> = users.split_whitespace().chain(FLAGS).collect();
        if let Self::Debian { sysroot: Some(sysroot) } = self {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
            flags.extend(["--sysroot", path_str(sysroot)?]);
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        Ok(command)
    }

    fn works(&self) -> bool {
        let mut rustc = match self {
            Self::Active => Command::new(env::var("RUSTC").unwrap_or_else(|| "rustc".into())),
            Self::Debian { .. } => debian(DEBIAN_RUSTC),
        };
        if let Self::Debian { sysroot: Some(sysroot) } = self {
            rustc.arg("--sysroot").arg(sysroot).arg(format!("-Clinker={DEBIAN_LINKER}"));
        }
        let Ok(folder) = scratch("probe") else { return false };
        rustc.args(["--target", TARGET, "--crate-name", "probe", "--crate-type", "cdylib", "-", "-o"]);
        rustc.arg(folder.join("probe.wasm"));
        process::succeeds_with_input(&mut rustc, "pub fn probe() -> String { String::new() }")
    }
}

/// Finds or installs a Rust toolchain that builds for the browser.
pub(crate) fn wasm_toolchain() -> Result<WasmToolchain> {
    if WasmToolchain::Active.works() {
        return Ok(WasmToolchain::Active);
    }
    if rustup_may_download() {
        say(TARGET, "Rust's target for the browser client");
        let added = process::run(Command::new("rustup").args(["target", "add", TARGET]));
        if added.is_ok() && WasmToolchain::Active.works() {
            return Ok(WasmToolchain::Active);
        }
        println!("setup: rustup could not add the target; trying Debian's Rust instead");
    }
    let own = WasmToolchain::Debian { sysroot: None };
    if Path::new(DEBIAN_RUSTC).exists() && own.works() {
        return Ok(own);
    }
    debian_toolchain()
}

fn rustup_may_download() -> bool {
    env::var("RUSTUP_AUTO_INSTALL").is_none_or(|value| value != "0") && env::which("rustup").is_some()
}

fn debian_toolchain() -> Result<WasmToolchain> {
    let usable = [DEBIAN_RUSTC, "/usr/bin/cargo", "/usr/bin/cargo-clippy", DEBIAN_LINKER];
    if !usable.iter().all(|program| Path::new(program).exists()) || !standard_library_source()?.exists() {
        if !apt::available() || !apt::knows(PACKAGES[0]) {
            bail!(
                "there is no Rust here that builds for the browser. Run `rustup target add {TARGET}`, or, as root \
                 on Debian, `apt-get install {}`, then try again.",
                PACKAGES.join(" ")
            );
        }
        apt::install(&PACKAGES, "Debian's Rust, because rustup cannot add the browser target here")?;
    }
    let sysroot = env::cache_dir()?.join("wasm-std").join(version_slug()?);
    let toolchain = WasmToolchain::Debian { sysroot: Some(sysroot.clone()) };
    if !toolchain.works() {
        say("the WASM standard library", "built once from Debian's sources (about a minute)");
        install_folder(&sysroot, build_standard_library)?;
        if !toolchain.works() {
            bail!("the WASM standard library in {} does not work with {DEBIAN_RUSTC}", sysroot.display());
        }
    }
    Ok(toolchain)
}

fn standard_library_source() -> Result<PathBuf> {
    if !Path::new(DEBIAN_RUSTC).exists() {
        return Ok(PathBuf::from("/nonexistent"));
    }
    let sysroot = process::output(debian(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library"))
}

/// One folder per compiler, so that an upgrade of the packages triggers a new build.
fn version_slug() -> Result<String> {
    let version = process::output(debian(DEBIAN_RUSTC).arg("-V"))?;
    let kept = |c: char| c.is_ascii_alphanumeric() || c == '.';
    Ok(version.trim().split(|c| !kept(c)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-"))
}

fn build_standard_library(sysroot: &Path) -> Result<()> {
    let work = scratch("wasm-std")?;
    // Follows links, because Debian's source folder links to other packages.
    process::run_quiet(Command::new("cp").arg("-rL").arg(standard_library_source()?).arg(&work))?;
    let mut cargo = debian_cargo()?;
    cargo.current_dir(&work);
    // Set only for this build, as in rustc's own build of the standard library.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("__CARGO_DEFAULT_LIB_METADATA", "std");
    cargo.env("RUSTFLAGS", "-Zforce-unstable-if-unmarked").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.args(["build", "--locked", "--profile", "dist", "--target", TARGET]);
    cargo.args(["--manifest-path", "library/sysroot/Cargo.toml", "--target-dir", "target"]);
    cargo.args(["--no-default-features", "--features", "panic-unwind compiler-builtins-mem"]);
    process::run_quiet(&mut cargo)?;
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    for entry in fs::read_dir(work.join("target").join(TARGET).join("dist/deps"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rlib") && !name.starts_with("libsysroot-") {
            fs::copy(&path, libraries.join(name))?;
        }
    }
    super::remove_if_present(&work)
}

fn debian_cargo() -> Result<Command> {
    let mut command = debian("/usr/bin/cargo");
    command.env("PATH", env::path_with_first(Path::new(DEBIAN_BIN))?).env("RUSTC", DEBIAN_RUSTC);
    clear_package_variables(&mut command);
    Ok(command)
}

/// A program of Debian's Rust, without the variables that rustup and cargo set for their own.
fn debian(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

fn path_str(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not valid UTF-8; set KAIWA_CACHE elsewhere", path.display()))
}
