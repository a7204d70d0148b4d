//! Limits attempts to sign in and to register.
//!
//! Two buckets count. One per address is strict: whoever guesses from one place is slowed down soon. One per account
//! is wide: it stops guessing from many places, and is large enough that a stranger who fills it costs the owner
//! minutes and not the account. An attempt is refused by whichever bucket is empty.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

/// Attempts from one address: ten at once, then one every six seconds.
const ADDRESS_BURST: u32 = 10;
const ADDRESS_EVERY: Duration = Duration::from_secs(6);

/// Attempts on one account: thirty at once, then one every twenty seconds.
const ACCOUNT_BURST: u32 = 30;
const ACCOUNT_EVERY: Duration = Duration::from_secs(20);

/// How many keys are kept before those that have recovered are thrown out.
const KEYS: usize = 10_000;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Counts attempts by address and by account.
pub struct Throttle {
    addresses: Limiter<IpAddr>,
    accounts: Limiter<String>,
}

impl Throttle {
    /// A throttle that has seen nothing.
    pub fn new() -> Self {
        Self {
            addresses: limiter(ADDRESS_BURST, ADDRESS_EVERY),
            accounts: limiter(ACCOUNT_BURST, ACCOUNT_EVERY),
        }
    }

    /// Counts an attempt from `address` on `account`, if it names one.
    ///
    /// # Errors
    ///
    /// How long to wait before the next attempt.
    pub fn attempt(&self, address: IpAddr, account: Option<&str>) -> Result<(), Duration> {
        count(&self.addresses, &address)?;
        match account {
            Some(account) => count(&self.accounts, &account.trim().to_lowercase()),
            None => Ok(()),
        }
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new()
    }
}

fn limiter<K: Hash + Eq + Clone>(burst: u32, every: Duration) -> Limiter<K> {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // `None` only for a period of zero.
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
    RateLimiter::keyed(quota)
}

fn count<K: Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), Duration> {
    if limiter.len() > KEYS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn one_address_is_slowed_down_and_another_is_not() {
        let throttle = Throttle::new();
        for n in 0..ADDRESS_BURST {
            assert!(throttle.attempt(address(1), Some(&format!("user{n}"))).is_ok());
        }
        let wait = throttle.attempt(address(1), Some("one more")).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= ADDRESS_EVERY, "{wait:?}");
        assert!(throttle.attempt(address(2), Some("user1")).is_ok());
    }

    #[test]
    fn one_account_is_guarded_against_many_addresses_in_any_case() {
        let throttle = Throttle::new();
        let refused = (0..=u8::MAX)
            .filter(|&n| throttle.attempt(address(n), Some(if n % 2 == 0 { "ada" } else { "ADA " })).is_err())
            .count();
        assert_eq!(refused, 256 - usize::try_from(ACCOUNT_BURST).unwrap());
        assert!(throttle.attempt(address(9), Some("grace")).is_ok());
    }
}
