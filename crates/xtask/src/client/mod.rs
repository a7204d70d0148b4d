//! Builds the client from Rust, HTML and CSS into `frontend/dist`.
//!
//! Cargo compiles it, `wasm-bindgen` generates the JavaScript, and `wasm-opt` shrinks the module. Then every file gets
//! a hash of its content in its name and a brotli and a gzip copy, and `index.html` refers to them. The folder is
//! replaced atomically. What a page loads on demand is in a folder of its own (`lazy`). If no input has changed, nothing is built.

mod assets;
mod css;
mod inputs;
mod lazy;
mod page;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use self::assets::Assets;
pub(crate) use self::{
    inputs::{INPUTS, files},
    lazy::NAME as LAZY,
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
    let main = compile(workspace, "kaiwa-frontend", "kaiwa-frontend.wasm", mode)?;
    let formulas = compile(workspace, "kaiwa-formulas", "kaiwa_formulas.wasm", mode)?;
    let linked = bind(workspace, NAME, &main, mode)?;
    let lazy = lazy::files(workspace, &bind(workspace, lazy::FORMULAS, &formulas, mode)?)?;
    let assets = assemble(&workspace.root.join("frontend"), &linked, lazy)?;
    if stamp_file.exists() {
        fs::remove_file(&stamp_file)?;
    }
    install(&assets, &workspace.dist(), mode)?;
    fs::write(&stamp_file, stamp).context("could not write frontend/dist.stamp")
}

fn compile(workspace: &Workspace, package: &str, module: &str, mode: Mode) -> Result<PathBuf> {
    let (profile, folder) = match mode {
        Mode::Quick => ("dev", "debug"),
        Mode::Small => ("wasm-release", "wasm-release"),
    };
    let mut cargo = setup::wasm_toolchain()?.cargo(workspace)?;
    cargo.args(["build", "--package", package, "--target", setup::WASM_TARGET, "--profile", profile]);
    cargo.arg("--target-dir").arg(&workspace.target);
    process::run(&mut cargo)?;
    Ok(workspace.target.join(setup::WASM_TARGET).join(folder).join(module))
}

/// Generates the JavaScript and shrinks the module: the folder gets `{name}.js`, `{name}_bg.wasm` and `snippets`.
fn bind(workspace: &Workspace, name: &str, module: &Path, mode: Mode) -> Result<PathBuf> {
    let folder = workspace.target.join("bound").join(name);
    remove_if_present(&folder)?;
    let mut bindgen = std::process::Command::new(setup::wasm_bindgen(workspace)?);
    bindgen.args(["--target", "web", "--no-typescript", "--omit-default-module-path", "--out-name", name]);
    process::run_quiet(bindgen.arg("--out-dir").arg(&folder).arg(module))?;
    if mode == Mode::Small
        && let Some(wasm_opt) = setup::wasm_opt()?
    {
        let module = folder.join(format!("{name}_bg.wasm"));
        let shrunk = folder.join("shrunk.wasm");
        // Functions of similar names have similar code, which compresses better side by side.
        let passes = ["-Oz", "--zero-filled-memory", "--reorder-functions-by-name"];
        process::run_quiet(wasm_opt.command().args(passes).arg(&module).arg("-o").arg(&shrunk))?;
        fs::rename(shrunk, module)?;
    }
    Ok(folder)
}

/// Collects every file of the client under its final name.
fn assemble(frontend: &Path, linked: &Path, lazy: Vec<(PathBuf, Vec<u8>)>) -> Result<Assets> {
    let mut assets = Assets::default();
    let module = assets.add_hashed(NAME, "wasm", fs::read(linked.join(format!("{NAME}_bg.wasm")))?);
    let snippets = assets.add_snippets(&linked.join("snippets"))?;
    let glue = fs::read_to_string(linked.join(format!("{NAME}.js")))?;
    let glue = page::self_starting(&glue, &module, snippets.as_deref());
    let script = assets.add_hashed(NAME, "js", glue.into_bytes());
    let style = assets.add_hashed(NAME, "css", css::bundle(frontend)?.into_bytes());
    let lazy = assets.add_hashed_folder(lazy::NAME, lazy);
    assets.add_folder(&frontend.join("static"))?;

    let template =
        fs::read_to_string(frontend.join("index.html")).context("could not read frontend/index.html")?;
    let html = page::fill(&template, &page::Names { module, script, style, lazy })?;
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
