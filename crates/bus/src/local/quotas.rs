//! The rate limits of every quota.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use crate::Quota;

/// Keys are hashed into this many buckets, which bounds the memory. The hash is random in each process, so that an
/// attacker cannot choose to share a bucket with a victim.
const BUCKETS: u64 = 1 << 17;

/// Full buckets are removed after this many attempts.
const CLEAN_UP_EVERY: u32 = 4096;

type Limiter = RateLimiter<u64, DefaultKeyedStateStore<u64>, DefaultClock>;

#[derive(Default)]
pub(super) struct Quotas {
    hasher: RandomState,
    by_name: Mutex<HashMap<&'static str, Buckets>>,
}

/// The buckets of one quota.
struct Buckets {
    limiter: Limiter,
    attempts: u32,
}

impl Quotas {
    pub(super) fn attempt(&self, quota: &Quota, key: &str) -> Result<(), Duration> {
        let bucket = self.hasher.hash_one(key) % BUCKETS;
        // No change to the map can panic halfway.
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        by_name.entry(quota.name).or_insert_with(|| Buckets::new(quota)).attempt(bucket)
    }
}

impl Buckets {
    fn new(quota: &Quota) -> Self {
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        // Returns `None` only for a period of zero.
        let rate = governor::Quota::with_period(quota.every).unwrap_or(governor::Quota::per_second(burst));
        Self { limiter: RateLimiter::keyed(rate.allow_burst(burst)), attempts: 0 }
    }

    fn attempt(&mut self, bucket: u64) -> Result<(), Duration> {
        self.attempts += 1;
        if self.attempts == CLEAN_UP_EVERY {
            self.attempts = 0;
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let limiter = &self.limiter;
        limiter.check_key(&bucket).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { name: "test", burst: 2, every: Duration::from_secs(6) };

    #[test]
    fn each_key_of_each_quota_has_its_own_burst() {
        let quotas = Quotas::default();
        assert!(quotas.attempt(&QUOTA, "ada").is_ok() && quotas.attempt(&QUOTA, "ada").is_ok());
        let wait = quotas.attempt(&QUOTA, "ada").unwrap_err();
        assert!(wait > Duration::ZERO && wait <= QUOTA.every, "{wait:?}");
        assert!(quotas.attempt(&QUOTA, "grace").is_ok());
        assert!(quotas.attempt(&Quota { name: "other", ..QUOTA }, "ada").is_ok());
    }

    #[test]
    fn made_up_keys_do_not_fill_the_memory() {
        let quotas = Quotas::default();
        for n in 0..400_000_u32 {
            let _ = quotas.attempt(&QUOTA, &format!("nobody{n}"));
        }
        let buckets = quotas.by_name.lock().unwrap().get(QUOTA.name).unwrap().limiter.len();
        assert!(buckets <= usize::try_from(BUCKETS).unwrap());
    }
}
