//! Log output. It says what happened, never what a user or a model wrote.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::logging::{LogFormat, LogSettings};

/// Starts logging to standard error. Does nothing if a test has already started it.
pub fn start(settings: LogSettings) {
    // An operator has no use for what libraries log at `info`; their warnings matter.
    let filter = Targets::new().with_default(Level::WARN).with_target("kaiwa", settings.level);
    let registry = tracing_subscriber::registry().with(filter);
    let writer = std::io::stderr;
    // Colours help at a terminal and are noise in a file.
    let colours = std::io::stderr().is_terminal();
    let result = match settings.format {
        LogFormat::Text => registry
            .with(tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours).with_target(false))
            .try_init(),
        LogFormat::Json => registry
            .with(tracing_subscriber::fmt::layer().json().with_span_list(false).with_writer(writer))
            .try_init(),
    };
    drop(result);
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
