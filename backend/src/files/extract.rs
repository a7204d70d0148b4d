//! The text of documents, read by a process of its own.
//!
//! The process is `kaiwa extract TYPE`, or another program with the same interface: the document comes on its standard
//! input, the text goes to its standard output, and its exit status says whether there is any. It has no environment,
//! little memory and little time.

use std::{fs::File, io, path::Path, path::PathBuf, process::Stdio, time::Duration};

use bytes::Bytes;
use kaiwa_extract::Format;
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    sync::Semaphore,
    time::timeout,
};

/// How long reading a document may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Maximum size of a text, in bytes.
const MAX_TEXT_BYTES: u64 = 20 * 1024 * 1024;

/// Reads documents, one at a time.
pub(crate) struct Extractor {
    program: io::Result<PathBuf>,
    turn: Semaphore,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoText {
    /// The program could not be run.
    #[error("the program that reads documents could not be run")]
    NotRun(#[from] io::Error),
    /// The document is damaged or protected, has no text, or takes too long or too much memory to read.
    #[error("the document cannot be read")]
    Unreadable,
}

impl Extractor {
    /// Runs `program`, or this program itself.
    pub(crate) fn new(program: Option<PathBuf>) -> Self {
        let program = program.map_or_else(std::env::current_exe, Ok);
        Self { program, turn: Semaphore::new(1) }
    }

    /// The text of a document in Markdown.
    pub(crate) async fn text(&self, format: Format, document: &Path) -> Result<Bytes, NoText> {
        // The semaphore is never closed.
        let _turn = self.turn.acquire().await.ok();
        let program = self.program.as_ref().map_err(|error| io::Error::from(error.kind()))?;
        let mut child = Command::new(program)
            .args(["extract", format.as_str()])
            .env_clear()
            .stdin(Stdio::from(File::open(document)?))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        limit(&child);
        // Dropped after the time limit, the process is killed.
        timeout(TIMEOUT, read(&mut child)).await.unwrap_or(Err(NoText::Unreadable))
    }
}

async fn read(child: &mut Child) -> Result<Bytes, NoText> {
    let mut text = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_TEXT_BYTES + 1).read_to_end(&mut text).await?;
    }
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_TEXT_BYTES {
        return Err(NoText::Unreadable);
    }
    let status = child.wait().await?;
    if status.success() && !text.is_empty() { Ok(text.into()) } else { Err(NoText::Unreadable) }
}

/// Limits what a process that was just started may take. Only Linux can do that from outside.
#[cfg(target_os = "linux")]
fn limit(child: &Child) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    /// Maximum memory, in bytes.
    const MEMORY: u64 = 512 * 1024 * 1024;
    /// Maximum time on a processor, in seconds.
    const SECONDS: u64 = 60;

    // Without an id the limits would be our own.
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let Some(pid) = pid else { return };
    let limits =
        [(Resource::Data, MEMORY), (Resource::Cpu, SECONDS), (Resource::Fsize, 0), (Resource::Core, 0)];
    for (resource, most) in limits {
        if let Err(error) = prlimit(Some(pid), resource, Rlimit { current: Some(most), maximum: Some(most) })
        {
            tracing::warn!(%error, ?resource, "the process that reads documents could not be limited");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_: &Child) {}
