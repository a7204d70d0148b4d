//! Files that a page loads on demand: the scripts in `frontend/lazy`, highlight.js, Mermaid and `crates/formulas`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::inputs;
use crate::{setup, workspace::Workspace};

/// The name of the folder, before the hash.
pub(crate) const NAME: &str = "lazy";
/// The name of the formulas' module.
pub(super) const FORMULAS: &str = "formulas";

/// The largest grammar that is served, in bytes. Those above are of languages that hardly anybody asks about.
const MAX_GRAMMAR: usize = 40_000;

/// Mermaid's modules for a layout that diagrams cannot choose here. They are a third of the whole.
const NOT_SERVED: [&str; 1] = ["elk-"];

/// All files with their paths below the folder. `formulas` is the folder of the bound module.
pub(super) fn files(workspace: &Workspace, formulas: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = workspace.root.join("frontend").join(NAME);
    let mut all = Vec::new();
    for file in inputs::files(&folder)? {
        all.push((file.strip_prefix(&folder)?.to_path_buf(), read(&file)?));
    }
    for name in [format!("{FORMULAS}.js"), format!("{FORMULAS}_bg.wasm")] {
        all.push((Path::new(FORMULAS).join(&name), read(&formulas.join(&name))?));
    }
    let font = workspace.source_of("pulldown-latex")?.join("font/latinmodern-math.woff2");
    all.push(("latinmodern-math.woff2".into(), read(&font)?));
    all.extend(highlight()?);
    all.extend(mermaid()?);
    Ok(all)
}

/// The core, the grammars, and a module that lists them.
fn highlight() -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let modules = setup::HIGHLIGHT.folder()?.join("es");
    let mut all = vec![("highlight/core.min.js".into(), read(&modules.join("core.min.js"))?)];
    let mut names = Vec::new();
    for file in inputs::files(&modules.join("languages"))? {
        let content = read(&file)?;
        let file_name = file.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = file_name.strip_suffix(".min.js")
            && content.len() <= MAX_GRAMMAR
        {
            names.push(name.to_owned());
            all.push((Path::new("highlight/languages").join(file_name.as_ref()), content));
        }
    }
    let list = format!("export default {};\n", serde_json::to_string(&names)?);
    all.push(("highlight/grammars.js".into(), list.into_bytes()));
    Ok(all)
}

/// Mermaid's entry and the modules that it loads for each kind of diagram.
fn mermaid() -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = setup::MERMAID.folder()?;
    let modules = folder.join("dist");
    let mut all = vec![("mermaid/LICENSE.txt".into(), read(&folder.join("LICENSE"))?)];
    let entry = [modules.join("mermaid.esm.min.mjs")];
    for file in entry.into_iter().chain(inputs::files(&modules.join("chunks/mermaid.esm.min"))?) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".mjs") && !NOT_SERVED.iter().any(|prefix| name.starts_with(prefix)) {
            all.push((Path::new("mermaid").join(file.strip_prefix(&modules)?), read(&file)?));
        }
    }
    Ok(all)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}
