//! Log lines: what happened, never what was said.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::logging::{LogFormat, LogSettings};

/// Starts writing log lines to standard error. Does nothing if a test has already done so.
pub fn start(settings: LogSettings) {
    // Libraries speak at `info` about what nobody operates; their warnings matter.
    let filter = Targets::new().with_default(Level::WARN).with_target("kaiwa", settings.level);
    let registry = tracing_subscriber::registry().with(filter);
    let writer = std::io::stderr;
    // Colours are for a person at a terminal; in a file or a container's log they are noise.
    let colours = std::io::stderr().is_terminal();
    let result = match settings.format {
        LogFormat::Text => registry
            .with(tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours).with_target(false))
            .try_init(),
        LogFormat::Json => {
            registry.with(tracing_subscriber::fmt::layer().json().with_writer(writer)).try_init()
        }
    };
    drop(result);
}
