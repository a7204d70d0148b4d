//! The identity of this process as a runner of generations, and the lock that it holds.
//!
//! An SQLite file belongs to one process: beside it lies a file that the process locks, and a second process does not
//! start. On PostgreSQL several processes may run, and the file lies in the data folder. It names the process that holds
//! the lock. A process that gets the lock knows that this predecessor has ended, so it need not wait until the
//! predecessor's lease expires. A process on PostgreSQL that does not get it relies on leases alone.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use kaiwa_shared::RunnerId;

/// The file in the data folder, and the ending of the one beside an SQLite file.
const FILE: &str = "runner";

/// How long a process waits for another one that is stopping.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// The identity of this process as a runner.
pub(crate) struct Runner {
    /// The id of this process.
    pub(crate) id: RunnerId,
    /// The process that held the lock before, if it is known to have ended.
    pub(crate) predecessor: Option<RunnerId>,
    /// Locked as long as the process runs.
    _file: Option<File>,
}

/// Why a process may not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunnerError {
    /// Another process uses the same SQLite file.
    #[error("another Kaiwa process uses this file")]
    InUse,
    /// The lock file cannot be opened or written.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Runner {
    /// Takes a new id and the lock: of the SQLite file `database`, which must be free, or else of the data folder, if it
    /// is free.
    pub(crate) async fn identify(folder: &Path, database: Option<&Path>) -> Result<Self, RunnerError> {
        let id = RunnerId::new();
        let path = database.map_or_else(|| Ok(folder.join(FILE)), beside)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        match lock(&file, database.is_some()).await {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if database.is_some() => return Err(RunnerError::InUse),
            Err(TryLockError::WouldBlock) => return Ok(Self { id, predecessor: None, _file: None }),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "this file system has no locks, so nothing keeps a second process away");
                return Ok(Self { id, predecessor: None, _file: None });
            }
        }
        let mut content = String::new();
        // A damaged file names nobody.
        let _length = file.read_to_string(&mut content).unwrap_or_default();
        file.rewind()?;
        file.set_len(0)?;
        writeln!(file, "{id}")?;
        Ok(Self { id, predecessor: content.trim().parse().ok(), _file: Some(file) })
    }
}

/// The lock file of an SQLite file, the same for every path that leads to it. The SQLite file itself has locks of SQLite.
fn beside(database: &Path) -> io::Result<PathBuf> {
    let mut path = OsString::from(database.canonicalize()?);
    path.push("-");
    path.push(FILE);
    Ok(path.into())
}

/// Locks the file. With `patient`, waits a moment for a process that is stopping.
async fn lock(file: &File, patient: bool) -> Result<(), TryLockError> {
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if patient && waited < PATIENCE => {
                if waited.is_zero() {
                    tracing::info!("another process uses the database file; waiting for it to stop");
                }
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_successor_knows_who_used_the_folder_before() {
        let folder = tempfile::tempdir().unwrap();
        let first = Runner::identify(folder.path(), None).await.unwrap();
        assert_eq!(first.predecessor, None);
        let parallel = Runner::identify(folder.path(), None).await.unwrap();
        assert_eq!(parallel.predecessor, None, "the first one is still running");
        let id = first.id;
        drop(first);
        let successor = Runner::identify(folder.path(), None).await.unwrap();
        assert_eq!(successor.predecessor, Some(id));
    }

    #[tokio::test]
    async fn a_damaged_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), [0xff, 0xfe]).unwrap();
        let first = Runner::identify(folder.path(), None).await.unwrap();
        assert_eq!(first.predecessor, None);
        let id = first.id;
        drop(first);
        assert_eq!(Runner::identify(folder.path(), None).await.unwrap().predecessor, Some(id));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_database_file_belongs_to_one_process_by_whatever_path() {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [data, other, links] = folders.each_ref().map(tempfile::TempDir::path);
        let (file, neighbour) = (data.join("app.db"), data.join("other.db"));
        for path in [&file, &neighbour] {
            std::fs::write(path, "").unwrap();
        }
        let (linked_file, linked_folder) = (links.join("link.db"), links.join("folder"));
        std::os::unix::fs::symlink(&file, &linked_file).unwrap();
        std::os::unix::fs::symlink(data, &linked_folder).unwrap();
        let first = Runner::identify(data, Some(&file)).await.unwrap();
        let paths = [
            file.clone(),
            linked_file,
            linked_folder.join("app.db"),
            data.join("../").join(data).join("app.db"),
        ];
        let refused = paths.iter().map(|path| Runner::identify(other, Some(path)));
        for refused in futures_util::future::join_all(refused).await {
            assert!(matches!(refused, Err(RunnerError::InUse)));
        }
        Runner::identify(data, Some(&neighbour)).await.unwrap();
        let id = first.id;
        // It is stopping.
        let (successor, ()) = futures_util::join!(Runner::identify(other, Some(&file)), async {
            tokio::time::sleep(PAUSE * 2).await;
            drop(first);
        });
        assert_eq!(successor.unwrap().predecessor, Some(id));
    }
}
