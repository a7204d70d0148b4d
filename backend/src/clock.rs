//! The wall clock. Only this file reads it; all other code receives a [`Clock`].

use std::time::{SystemTime, UNIX_EPOCH};

use kaiwa_shared::time::{Clock, Millis};

/// The operating system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this file owns the wall clock")]
    fn now(&self) -> Millis {
        // A clock that is set before 1970 counts as 1970.
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}
