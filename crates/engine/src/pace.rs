//! How far apart the events of one listener are sent when there is more to do than time.
//!
//! Sending a token costs more than everything that is done to it before, so fewer and larger writes are what relieves
//! a machine that falls behind. Whether it does is seen by each of its threads for itself, by how late a listener gets
//! its turn after an event was published. At rest nothing is ever held back.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

/// A listener whose turn comes later than this is on a thread that falls behind.
const LATE: Duration = Duration::from_millis(5);

/// How long a thread is taken to be behind after a turn that came late.
const BEHIND_FOR: Duration = Duration::from_secs(1);

/// How far apart events are sent then. A reader does not see it.
pub(crate) const APART: Duration = Duration::from_millis(30);

/// Events that come further apart than this are never held back: none would join them.
const SPARSE: Duration = Duration::from_millis(45);

thread_local! {
    static BEHIND_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A listener has got its turn at `now`, for something that was due at `due`, after it had sent something at
/// `previous`. Until when it should hold back what comes next, if at all.
pub(crate) fn next(now: Instant, due: Instant, previous: Instant) -> Option<Instant> {
    if now.saturating_duration_since(due) > LATE {
        BEHIND_UNTIL.set(Some(now + BEHIND_FOR));
    }
    let behind = BEHIND_UNTIL.get().is_some_and(|until| now < until);
    (behind && now.saturating_duration_since(previous) < SPARSE).then(|| now + APART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_keeps_up_holds_nothing_back() {
        let start = Instant::now();
        for millis in 0..100 {
            let now = start + Duration::from_millis(millis);
            assert_eq!(next(now, now, start), None);
        }
    }

    #[test]
    fn a_thread_that_is_late_spaces_what_comes_in_quick_succession() {
        let start = Instant::now();
        let late = start + Duration::from_millis(20);
        assert_eq!(next(late, start, start), Some(late + APART));
        let soon = late + APART;
        assert_eq!(next(soon, soon, late), Some(soon + APART), "for a while");
        assert_eq!(next(soon, soon, start - Duration::from_secs(1)), None, "but not what comes rarely");
        let later = late + BEHIND_FOR;
        assert_eq!(next(later, later, later), None, "and not for ever");
    }
}
