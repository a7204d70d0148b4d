//! Builds the client from Rust, HTML and CSS into `frontend/dist`.
//!
//! Cargo compiles it, `split` takes the pieces that are loaded on demand out of the module, `wasm-bindgen` generates the
//! JavaScript, and `wasm-opt` shrinks the modules. These files load each other, so one folder with a hash in its name
//! contains them all; so does another one with what a page loads on demand from elsewhere (`lazy`). Every file gets a brotli
//! and a gzip copy, and `index.html` refers to them. The folder is replaced atomically. If no input has changed, nothing is
//! built.

mod assets;
mod css;
mod inputs;
mod lazy;
mod names;
mod page;
mod split;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use self::assets::Assets;
pub(crate) use self::{
    inputs::{INPUTS, files},
    lazy::NAME as LAZY,
    split::is_piece,
};
use crate::{
    process,
    setup::{self, remove_if_present},
    workspace::Workspace,
};

/// The goal of the build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A fast build, for working on the client.
    Quick,
    /// A small client, for users.
    Small,
}

impl Mode {
    /// Selects the fast build for `--dev`.
    pub(crate) fn from_dev_flag(dev: bool) -> Self {
        if dev { Self::Quick } else { Self::Small }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Small => "small",
        }
    }
}

/// The name of the client's files, before the hash.
const NAME: &str = "kaiwa";

/// Builds the client into `frontend/dist`, unless it is up to date.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<()> {
    let stamp_file = workspace.root.join("frontend/dist.stamp");
    let stamp = format!("{} {}\n", mode.name(), inputs::digest(&workspace.root)?);
    let up_to_date = fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp);
    if up_to_date && workspace.dist().join("index.html").exists() {
        return Ok(());
    }
    println!("Building the client");
    let linked = bind_main(workspace, mode)?;
    let lazy = lazy::files(workspace, &bind_formulas(workspace, mode)?)?;
    let assets = assemble(&workspace.root.join("frontend"), &linked, lazy)?;
    if stamp_file.exists() {
        fs::remove_file(&stamp_file)?;
    }
    install(&assets, &workspace.dist(), mode)?;
    fs::write(&stamp_file, stamp).context("could not write frontend/dist.stamp")
}

/// Builds the client's own modules: the folder gets all scripts and modules that load each other.
fn bind_main(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    let target = ["--package", "kaiwa-frontend", "--bin", "kaiwa-frontend"];
    let module = compile(workspace, &target, &[split::LINK_FLAG], mode)?.join("kaiwa-frontend.wasm");
    let folder = bound_folder(workspace, NAME)?;
    let main = split::split(&module, NAME, &folder)?;
    bind(workspace, NAME, &main, &folder)?;
    shrink(&folder, mode)?;
    Ok(folder)
}

fn bind_formulas(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    let module = compile(workspace, &["--package", "kaiwa-formulas", "--lib"], &[], mode)?;
    let folder = bound_folder(workspace, lazy::FORMULAS)?;
    bind(workspace, lazy::FORMULAS, &module.join("kaiwa_formulas.wasm"), &folder)?;
    shrink(&folder, mode)?;
    Ok(folder)
}

/// Compiles a target to WASM, and returns the folder with the module.
fn compile(workspace: &Workspace, target: &[&str], flags: &[&str], mode: Mode) -> Result<PathBuf> {
    let (profile, folder) = match mode {
        Mode::Quick => ("dev", "debug"),
        Mode::Small => ("wasm-release", "wasm-release"),
    };
    let mut cargo = setup::wasm_toolchain()?.cargo(workspace)?;
    cargo.arg("rustc").args(target).args(["--target", setup::WASM_TARGET, "--profile", profile]);
    cargo.arg("--target-dir").arg(&workspace.target).arg("--").args(flags);
    process::run(&mut cargo)?;
    Ok(workspace.target.join(setup::WASM_TARGET).join(folder))
}

/// An empty folder for the results.
fn bound_folder(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.target.join("bound").join(name);
    remove_if_present(&folder)?;
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Generates the JavaScript: the folder gets `{name}.js`, `{name}_bg.wasm` and `snippets`.
fn bind(workspace: &Workspace, name: &str, module: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = std::process::Command::new(setup::wasm_bindgen(workspace)?);
    // The pieces need exports that only the linker knows.
    bindgen.args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", name]);
    process::run_quiet(bindgen.arg("--out-dir").arg(folder).arg(module))?;
    names::shorten(folder, &format!("{name}.js"))
}

/// Shrinks all modules in a folder.
fn shrink(folder: &Path, mode: Mode) -> Result<()> {
    let Some(wasm_opt) = (if mode == Mode::Small { setup::wasm_opt()? } else { None }) else {
        return Ok(());
    };
    for module in files(folder)?.iter().filter(|file| file.extension().is_some_and(|kind| kind == "wasm")) {
        let shrunk = module.with_extension("shrunk");
        // Functions of similar names have similar code, which compresses better side by side.
        let passes = ["-Oz", "--zero-filled-memory", "--reorder-functions-by-name"];
        process::run_quiet(wasm_opt.command().args(passes).arg(module).arg("-o").arg(&shrunk))?;
        fs::rename(shrunk, module)?;
    }
    Ok(())
}

/// Collects every file of the client under its final name.
fn assemble(frontend: &Path, linked: &Path, lazy: Vec<(PathBuf, Vec<u8>)>) -> Result<Assets> {
    let mut assets = Assets::default();
    let mut program = Vec::new();
    for file in files(linked)? {
        let path = file.strip_prefix(linked)?.to_path_buf();
        let content = fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        program.push((path, content));
    }
    let scripts = page::start(&mut program)?;
    let program = assets.add_hashed_folder(NAME, program);
    let style = assets.add_hashed(NAME, "css", css::bundle(frontend)?.into_bytes());
    let lazy = assets.add_hashed_folder(lazy::NAME, lazy);
    assets.add_folder(&frontend.join("static"))?;

    let template =
        fs::read_to_string(frontend.join("index.html")).context("could not read frontend/index.html")?;
    let html = page::fill(&template, &page::Names { program, scripts, style, lazy })?;
    assets.add("csp.txt", format!("{}\n", page::content_security_policy(&html)?).into_bytes());
    assets.add("index.html", html.into_bytes());
    Ok(assets)
}

fn install(assets: &Assets, dist: &Path, mode: Mode) -> Result<()> {
    let unfinished = dist.with_extension("unfinished");
    remove_if_present(&unfinished)?;
    assets.write(&unfinished, mode)?;
    ensure!(unfinished.join("index.html").exists(), "the client has no index.html");
    remove_if_present(dist)?;
    fs::rename(&unfinished, dist).context("could not put frontend/dist in place")
}
