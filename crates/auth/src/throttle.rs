//! Limits attempts to sign in and to register.
//!
//! Two buckets count (GCRA, a leaky bucket). One per address is strict: whoever guesses from one place is slowed down
//! soon, whichever accounts they try. One per account is wide: it slows down guessing from many places. It never locks:
//! a refused attempt does not count, so nobody can make the wait longer than [`ACCOUNT_EVERY`], and sessions that exist
//! go on. While strangers keep guessing at an account its owner shares that rate with them, so an attempt from a
//! device that has proved to belong to the owner should name no account. Accounts that do not exist are counted
//! like those that do, so that the limit does not tell.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

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

/// Keys are spread over this many buckets, which bounds the memory whatever anybody makes up. The spread is random in
/// each process, so that nobody can choose to share a bucket with somebody.
const BUCKETS: u64 = 1 << 17;

/// Buckets that have recovered are thrown out every so many attempts.
const TIDY_EVERY: u32 = 4096;

type Limiter = RateLimiter<u64, DefaultKeyedStateStore<u64>, DefaultClock>;

/// Counts attempts by address and by account.
pub struct Throttle {
    spread: RandomState,
    addresses: Limiter,
    accounts: Limiter,
    attempts: AtomicU32,
}

impl Throttle {
    /// A throttle that has seen nothing.
    pub fn new() -> Self {
        Self {
            spread: RandomState::new(),
            addresses: limiter(ADDRESS_BURST, ADDRESS_EVERY),
            accounts: limiter(ACCOUNT_BURST, ACCOUNT_EVERY),
            attempts: AtomicU32::new(0),
        }
    }

    /// Counts an attempt from `address` on `account`, if it names one.
    ///
    /// # Errors
    ///
    /// How long to wait before the next attempt.
    pub fn attempt(&self, address: IpAddr, account: Option<&str>) -> Result<(), Duration> {
        self.tidy();
        self.count(&self.addresses, &address)?;
        match account {
            Some(account) => self.count(&self.accounts, &account.trim().to_lowercase()),
            None => Ok(()),
        }
    }

    fn count(&self, limiter: &Limiter, key: &impl Hash) -> Result<(), Duration> {
        let bucket = self.spread.hash_one(key) % BUCKETS;
        limiter.check_key(&bucket).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }

    fn tidy(&self) {
        if self.attempts.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            for limiter in [&self.addresses, &self.accounts] {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new()
    }
}

fn limiter(burst: u32, every: Duration) -> Limiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // `None` only for a period of zero.
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
    RateLimiter::keyed(quota)
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

    #[test]
    fn an_attack_from_everywhere_delays_the_owner_and_locks_nobody_out() {
        let throttle = Throttle::new();
        for n in 0..20_000_u32 {
            let _ = throttle.attempt(IpAddr::from(n.to_be_bytes()), Some("ada"));
        }
        let wait = throttle.attempt(address(1), Some("ada")).unwrap_err();
        assert!(wait <= ACCOUNT_EVERY, "{wait:?}");
        assert!(throttle.attempt(address(1), None).is_ok(), "a device of the owner's is not held up");
    }

    #[test]
    fn what_an_attacker_makes_up_does_not_fill_the_memory() {
        let throttle = Throttle::new();
        for n in 0..400_000_u32 {
            let _ = throttle.attempt(IpAddr::from(n.to_be_bytes()), Some(&format!("nobody{n}")));
        }
        let buckets = usize::try_from(BUCKETS).unwrap();
        assert!(throttle.accounts.len() <= buckets && throttle.addresses.len() <= buckets);
    }
}
