//! Limits on uploaded files, and what reads documents.

use std::path::PathBuf;

use super::{
    reader::Reader,
    variable::{Variable, section},
};

/// A mebibyte, in bytes.
const MIB: u64 = 1024 * 1024;

section! {
    "Files"

    MAX_FILE_MB {
        default: "`100`",
        example: "25",
        help: "The maximum size of an uploaded file, in MiB. Pictures may have at most 64. A proxy in front of Kaiwa must allow as much.",
    }

    FILE_QUOTA_MB {
        default: "`2048`",
        example: "10240",
        help: "How much all files of one user may take, in MiB.",
    }

    EXTRACTOR {
        default: "Kaiwa itself",
        example: "/usr/local/bin/kaiwa-read",
        help: "The program that reads the text of documents for models that cannot read the documents themselves. It is run as `EXTRACTOR extract pdf` or `EXTRACTOR extract office`, gets the document on its standard input, and writes Markdown to its standard output.",
    }
}

/// Limits on uploaded files, and what reads documents.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// Limits on their sizes.
    pub limits: FileLimits,
    /// The program that reads the text of documents, if it is not Kaiwa itself.
    pub extractor: Option<PathBuf>,
}

/// Limits on uploaded files.
#[derive(Clone, Copy, Debug)]
pub struct FileLimits {
    /// Maximum size of a file, in bytes.
    pub max_bytes: u64,
    /// Maximum size of all files of an account, in bytes.
    pub quota_bytes: u64,
}

impl FileSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let limits = FileLimits {
            max_bytes: mebibytes(reader, MAX_FILE_MB).unwrap_or(100 * MIB),
            quota_bytes: mebibytes(reader, FILE_QUOTA_MB).unwrap_or(2048 * MIB),
        };
        Self { limits, extractor: reader.text(EXTRACTOR).map(PathBuf::from) }
    }
}

fn mebibytes(reader: &mut Reader<'_>, variable: Variable) -> Option<u64> {
    reader.parse_with(variable, |text| match text.parse::<u64>() {
        Ok(number @ 1..=1_048_576) => Ok(number * MIB),
        _ => Err(format!("`{text}` is not a whole number from 1 to 1048576")),
    })
}
