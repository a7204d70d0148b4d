//! The maximum wait before the next retry.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(10);

/// The pause before retry number `tries`, counted from 0. It doubles each time, up to ten seconds.
pub(super) fn pause(tries: u32) -> Duration {
    FIRST.saturating_mul(1 << tries.min(8)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause(0), FIRST);
        assert_eq!(pause(1), FIRST * 2);
        assert_eq!(pause(40), LONGEST);
        assert!((0..40).all(|tries| pause(tries) <= pause(tries + 1)));
    }
}
