//! The identity of this process as a runner of generations.
//!
//! The data folder has a file that the running process locks and that names it. A process that gets the lock knows that
//! its predecessor has ended, so it need not wait until the predecessor's lease expires. A process that does not get it,
//! because another one uses the same folder, relies on leases alone.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
};

use kaiwa_shared::RunnerId;

/// The file in the data folder.
const FILE: &str = "runner";

/// The identity of this process as a runner.
pub(crate) struct Runner {
    /// The id of this process.
    pub(crate) id: RunnerId,
    /// The process that used the data folder before, if it is known to have ended.
    pub(crate) predecessor: Option<RunnerId>,
    /// Locked as long as the process runs.
    _file: Option<File>,
}

impl Runner {
    /// Takes a new id, and the lock of the data folder if it is free.
    pub(crate) fn identify(folder: &Path) -> io::Result<Self> {
        let id = RunnerId::new();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(FILE))?;
        if let Err(error) = file.try_lock() {
            tracing::debug!(%error, "the data folder is in use by another process");
            return Ok(Self { id, predecessor: None, _file: None });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_knows_who_used_the_folder_before() {
        let folder = tempfile::tempdir().unwrap();
        let first = Runner::identify(folder.path()).unwrap();
        assert_eq!(first.predecessor, None);
        let parallel = Runner::identify(folder.path()).unwrap();
        assert_eq!(parallel.predecessor, None, "the first one is still running");
        let id = first.id;
        drop(first);
        let successor = Runner::identify(folder.path()).unwrap();
        assert_eq!(successor.predecessor, Some(id));
    }

    #[test]
    fn a_damaged_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), [0xff, 0xfe]).unwrap();
        let first = Runner::identify(folder.path()).unwrap();
        assert_eq!(first.predecessor, None);
        let id = first.id;
        drop(first);
        assert_eq!(Runner::identify(folder.path()).unwrap().predecessor, Some(id));
    }
}
