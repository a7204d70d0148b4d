//! Limits on uploaded files.

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
}

/// Limits on uploaded files.
#[derive(Clone, Copy, Debug)]
pub struct FileSettings {
    /// Maximum size of a file, in bytes.
    pub max_bytes: u64,
    /// Maximum size of all files of an account, in bytes.
    pub quota_bytes: u64,
}

impl FileSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            max_bytes: mebibytes(reader, MAX_FILE_MB).unwrap_or(100 * MIB),
            quota_bytes: mebibytes(reader, FILE_QUOTA_MB).unwrap_or(2048 * MIB),
        }
    }
}

fn mebibytes(reader: &mut Reader<'_>, variable: Variable) -> Option<u64> {
    reader.parse_with(variable, |text| match text.parse::<u64>() {
        Ok(number @ 1..=1_048_576) => Ok(number * MIB),
        _ => Err(format!("`{text}` is not a whole number from 1 to 1048576")),
    })
}
