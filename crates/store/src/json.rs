//! Columns that hold JSON.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{Error, Result};

/// A JSON column of one row, for errors.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) table: &'static str,
    pub(crate) name: &'static str,
    pub(crate) row: Uuid,
}

impl Column {
    /// A column of `messages`.
    pub(crate) const fn of_message(name: &'static str, row: Uuid) -> Self {
        Self { table: "messages", name, row }
    }

    pub(crate) fn write<T: Serialize + ?Sized>(self, value: &T) -> Result<String> {
        serde_json::to_string(value).map_err(|error| self.error(&error))
    }

    pub(crate) fn read<T: DeserializeOwned>(self, json: &str) -> Result<T> {
        serde_json::from_str(json).map_err(|error| self.error(&error))
    }

    /// Says where the JSON is wrong but not what it holds, which is somebody's conversation.
    fn error(self, error: &serde_json::Error) -> Error {
        Error::Inconsistent {
            table: self.table,
            column: self.name,
            row: self.row.to_string(),
            detail: format!(
                "{:?} error at line {}, column {}",
                error.classify(),
                error.line(),
                error.column()
            ),
        }
    }
}

/// A column with a value that no version of Kaiwa writes.
pub(crate) fn unknown(table: &'static str, column: &'static str, row: Uuid, text: &str) -> Error {
    Error::Inconsistent { table, column, row: row.to_string(), detail: format!("unknown value {text:?}") }
}
