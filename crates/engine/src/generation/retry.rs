//! Decides whether, when and to which provider a request that failed before its first token is sent again.

use std::time::Duration;

use kaiwa_llm::{Error, ErrorKind};
use kaiwa_shared::GenerationId;

/// Maximum number of requests to a provider that fails.
const MAX_ATTEMPTS: u32 = 3;

/// The approximate waits before the second and the third attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];

/// The longest `Retry-After` that is honoured. After a longer one the reader decides.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The retries of one provider.
pub(crate) struct Retries {
    failures: u32,
    waited_for_limit: bool,
    seed: u64,
}

impl Retries {
    /// No request has failed yet. The generation's id, which is random, spreads the waits of replies that failed together.
    pub(crate) fn new(generation: GenerationId) -> Self {
        let (high, low) = generation.as_uuid().as_u64_pair();
        Self { failures: 0, waited_for_limit: false, seed: high ^ low }
    }

    /// The wait before the same provider is asked again; `None` if it is not asked again.
    pub(crate) fn after(&mut self, error: &Error) -> Option<Duration> {
        self.failures += 1;
        if !error.retryable || error.retry_after.is_some_and(|asked| asked > MAX_WAIT) {
            return None;
        }
        let pause = match error.kind {
            ErrorKind::RateLimit if !self.waited_for_limit => {
                self.waited_for_limit = true;
                PAUSES.last()
            }
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Network | ErrorKind::CutOff
                if self.failures < MAX_ATTEMPTS =>
            {
                PAUSES.get(usize::try_from(self.failures - 1).unwrap_or_default())
            }
            _ => None,
        }?;
        Some(match error.retry_after {
            // Not earlier than requested, and not all at the same moment.
            Some(asked) => asked + self.spread(Duration::from_millis(200)),
            None => *pause * 4 / 5 + self.spread(*pause * 2 / 5),
        })
    }

    /// A duration between 0 and `max`, derived from the generation and the attempt.
    fn spread(&self, max: Duration) -> Duration {
        // SplitMix64, so that neighbouring ids lie far apart.
        let mut mixed = self.seed.wrapping_add(u64::from(self.failures).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let thousandths = u32::try_from((mixed ^ (mixed >> 31)) % 1001).unwrap_or_default();
        max * thousandths / 1000
    }
}

/// Whether another provider of the same model may succeed.
pub(crate) fn another_may_answer(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Auth
        | ErrorKind::RateLimit
        | ErrorKind::Quota
        | ErrorKind::ModelNotFound
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::Network
        | ErrorKind::Protocol
        | ErrorKind::CutOff => true,
        ErrorKind::ContextLength | ErrorKind::ContentFilter | ErrorKind::InvalidRequest => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, retry_after: Option<u64>) -> Error {
        Error { retry_after: retry_after.map(Duration::from_secs), ..Error::new(kind, "no") }
    }

    fn waits(kind: ErrorKind, retry_after: Option<u64>) -> Vec<Duration> {
        let mut retries = Retries::new(GenerationId::new());
        std::iter::from_fn(|| retries.after(&error(kind, retry_after))).collect()
    }

    fn between(wait: Duration, low: u64, high: u64) {
        assert!((low..=high).contains(&u64::try_from(wait.as_millis()).unwrap()), "{wait:?}");
    }

    #[test]
    fn a_provider_that_fails_is_asked_three_times() {
        for kind in [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Network, ErrorKind::CutOff] {
            let [first, second] = waits(kind, None)[..] else { panic!("{kind:?}") };
            between(first, 400, 600);
            between(second, 1200, 1800);
        }
    }

    #[test]
    fn a_limit_is_waited_for_once_if_that_is_not_long() {
        let [wait] = waits(ErrorKind::RateLimit, Some(7))[..] else { panic!() };
        between(wait, 7000, 7200);
        let [wait] = waits(ErrorKind::RateLimit, None)[..] else { panic!() };
        between(wait, 1200, 1800);
        assert!(waits(ErrorKind::RateLimit, Some(11)).is_empty());
        assert!(waits(ErrorKind::Unavailable, Some(3600)).is_empty());
    }

    #[test]
    fn what_would_be_refused_again_is_not_sent_again() {
        for kind in [
            ErrorKind::Auth,
            ErrorKind::Quota,
            ErrorKind::ContextLength,
            ErrorKind::ContentFilter,
            ErrorKind::ModelNotFound,
            ErrorKind::InvalidRequest,
            ErrorKind::Protocol,
        ] {
            assert!(waits(kind, None).is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn replies_that_failed_together_do_not_come_back_together() {
        let waits: std::collections::HashSet<_> =
            (0..20).filter_map(|_| waits(ErrorKind::Unavailable, None).first().copied()).collect();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
