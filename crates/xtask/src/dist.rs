//! `cargo xtask dist`: builds the release binary, with the client inside.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{client, process, workspace::Workspace};

/// Builds the release binary and returns its path, `target/dist/kaiwa`.
///
/// A `static_binary` includes the C library and runs in an otherwise empty image.
pub(crate) fn build(workspace: &Workspace, static_binary: bool) -> Result<PathBuf> {
    client::build(workspace, client::Mode::Small)?;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "kaiwa", "--release"]);
    let mut folder = workspace.target.clone();
    if static_binary {
        let host = host()?;
        // With an explicit target, the flag does not apply to build scripts and procedural macros.
        cargo.args(["--target", &host]).env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
        folder.push(host);
    }
    process::run(&mut cargo)?;
    let place = workspace.target.join("dist/kaiwa");
    fs::create_dir_all(workspace.target.join("dist"))?;
    replace(&folder.join("release/kaiwa"), &place).context("could not copy the release binary")?;
    println!("{} ({} KB)", place.display(), fs::metadata(&place)?.len() / 1024);
    Ok(place)
}

/// Copies a file over another one. A binary that runs cannot be written, but it can be replaced.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let new = to.with_extension("new");
    fs::copy(from, &new)?;
    fs::rename(&new, to)?;
    Ok(())
}

fn host() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what its host is")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_binary_is_replaced() {
        let folder = std::env::temp_dir().join(format!("kaiwa-dist-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let place = folder.join("program");
        fs::copy("/bin/sleep", &place).expect("copies a program");
        let mut running = Command::new(&place).arg("30").spawn().expect("runs");
        let outcome = replace(Path::new("/bin/true"), &place);
        running.kill().expect("stops");
        running.wait().expect("stopped");
        outcome.expect("replaces it");
        assert!(Command::new(&place).status().expect("runs").success());
        fs::remove_dir_all(&folder).expect("goes");
    }
}
