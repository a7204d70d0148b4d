//! The log's level and format.

use super::{reader::Reader, variable::section};

section! {
    "Logging"

    LOG_LEVEL {
        default: "`info`",
        example: "debug",
        help: "The least severe level that is logged: `error`, `warn`, `info`, `debug` or `trace`.",
    }

    LOG_FORMAT {
        default: "`text`",
        example: "json",
        help: "`text`, or `json` for one object per line.",
    }
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// The log's level and format.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings {
    /// The least severe level that is logged.
    pub level: tracing::Level,
    /// The form of a line.
    pub format: LogFormat,
}

impl LogSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let level = reader.parse_with(LOG_LEVEL, |text| {
            text.to_ascii_lowercase().parse().map_err(|_error| format!("`{text}` is not a level"))
        });
        let format = reader.parse_with(LOG_FORMAT, |text| match text.to_ascii_lowercase().as_str() {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("`{other}` is neither `text` nor `json`")),
        });
        Self { level: level.unwrap_or(tracing::Level::INFO), format: format.unwrap_or(LogFormat::Text) }
    }
}
