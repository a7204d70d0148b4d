//! The data folder and the database.

use std::path::PathBuf;

use super::{reader::Reader, variable::section};

section! {
    "Storage"

    DATA_DIR {
        default: "`./data` (`/app/data` in the image)",
        example: "/var/lib/kaiwa",
        help: "The folder for the SQLite file, uploaded files and generated secrets.",
    }

    DATABASE_URL {
        default: "`file:<DATA_DIR>/app.db`",
        example: "postgres://kaiwa:password@db:5432/kaiwa",
        help: "`file:…` or `sqlite://…` for SQLite, `postgres://…` or `postgresql://…?schema=public` for PostgreSQL. An SQLite file belongs to one running process.",
        secret: true,
    }
}

/// The data folder and the database.
#[derive(Clone)]
pub struct StorageSettings {
    /// The folder for the SQLite file, uploaded files and generated secrets.
    pub data_dir: PathBuf,
    /// The address of the database. It may contain a password.
    pub database_url: String,
}

impl StorageSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let data_dir = PathBuf::from(reader.text(DATA_DIR).unwrap_or_else(|| "./data".to_owned()));
        let database_url = reader
            .text(DATABASE_URL)
            .unwrap_or_else(|| format!("file:{}", data_dir.join("app.db").display()));
        Self { data_dir, database_url }
    }
}
