//! Limits how long and how much a provider may send without saying anything.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Error, ErrorKind};

/// Maximum time without words. A model may think this long while comments keep its connection open.
const TIME_MAX: Duration = Duration::from_mins(10);

/// Maximum number of lines without words: comments, empty deltas and the like. A long line counts as several.
const LINES_MAX: usize = 500_000;

/// The time and the lines since the last words.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    since: Option<Instant>,
    lines_before: usize,
}

impl Silence {
    /// Words have arrived; `lines` is the number of lines so far.
    pub(crate) fn end(&mut self, lines: usize) {
        *self = Self { since: Some(Instant::now()), lines_before: lines };
    }

    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// If one is reached. Asking again would not help.
    pub(crate) fn check(&mut self, lines: usize) -> Result<(), Error> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let (kind, detail) = if lines.saturating_sub(self.lines_before) > LINES_MAX {
            (ErrorKind::Protocol, format!("the provider sent {LINES_MAX} lines without content"))
        } else if since.elapsed() > TIME_MAX {
            let minutes = TIME_MAX.as_secs() / 60;
            (ErrorKind::Timeout, format!("the provider sent no content for {minutes} minutes"))
        } else {
            return Ok(());
        };
        Err(Error { retryable: false, ..Error::new(kind, detail) })
    }
}
