//! Limits attempts to sign in and to register.
//!
//! There are two leaky buckets (GCRA). The one for the address is strict: it slows down guessing from one place,
//! whichever accounts are tried. The one for the account is generous: it slows down guessing from many places. No account
//! is ever locked: a refused attempt does not count, so nobody can make the wait longer than [`ACCOUNT_EVERY`], and
//! existing sessions continue. While strangers guess an account's password, its owner shares the rate with them, so an
//! attempt from a device that is known to be the owner's should not name the account. Unknown accounts are counted like
//! existing ones, so that the limit does not reveal which ones exist.

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

/// Keys are hashed into this many buckets, which bounds the memory. The hash is random in each process, so that an
/// attacker cannot choose to share a bucket with a victim.
const BUCKETS: u64 = 1 << 17;

/// Full buckets are removed after this many attempts.
const CLEAN_UP_EVERY: u32 = 4096;

type Limiter = RateLimiter<u64, DefaultKeyedStateStore<u64>, DefaultClock>;

/// Counts attempts by address and by account.
pub struct Throttle {
    hasher: RandomState,
    addresses: Limiter,
    accounts: Limiter,
    attempts: AtomicU32,
}

impl Throttle {
    /// A throttle without any attempts.
    pub fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            addresses: limiter(ADDRESS_BURST, ADDRESS_EVERY),
            accounts: limiter(ACCOUNT_BURST, ACCOUNT_EVERY),
            attempts: AtomicU32::new(0),
        }
    }

    /// Counts an attempt from `address` on `account`, if it names one.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt.
    pub fn attempt(&self, address: IpAddr, account: Option<&str>) -> Result<(), Duration> {
        self.clean_up();
        self.count(&self.addresses, &address)?;
        match account {
            Some(account) => self.count(&self.accounts, &account.trim().to_lowercase()),
            None => Ok(()),
        }
    }

    fn count(&self, limiter: &Limiter, key: &impl Hash) -> Result<(), Duration> {
        let bucket = self.hasher.hash_one(key) % BUCKETS;
        limiter.check_key(&bucket).map_err(|refused| refused.wait_time_from(limiter.clock().now()))
    }

    fn clean_up(&self) {
        if self.attempts.fetch_add(1, Ordering::Relaxed) % CLEAN_UP_EVERY == CLEAN_UP_EVERY - 1 {
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
    // Returns `None` only for a period of zero.
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
    fn each_address_has_its_own_limit() {
        let throttle = Throttle::new();
        for n in 0..ADDRESS_BURST {
            assert!(throttle.attempt(address(1), Some(&format!("user{n}"))).is_ok());
        }
        let wait = throttle.attempt(address(1), Some("one more")).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= ADDRESS_EVERY, "{wait:?}");
        assert!(throttle.attempt(address(2), Some("user1")).is_ok());
    }

    #[test]
    fn an_account_is_limited_across_addresses_and_spellings() {
        let throttle = Throttle::new();
        let refused = (0..=u8::MAX)
            .filter(|&n| throttle.attempt(address(n), Some(if n % 2 == 0 { "ada" } else { "ADA " })).is_err())
            .count();
        assert_eq!(refused, 256 - usize::try_from(ACCOUNT_BURST).unwrap());
        assert!(throttle.attempt(address(9), Some("grace")).is_ok());
    }

    #[test]
    fn an_attack_from_everywhere_locks_nobody_out() {
        let throttle = Throttle::new();
        for n in 0..20_000_u32 {
            let _ = throttle.attempt(IpAddr::from(n.to_be_bytes()), Some("ada"));
        }
        let wait = throttle.attempt(address(1), Some("ada")).unwrap_err();
        assert!(wait <= ACCOUNT_EVERY, "{wait:?}");
        assert!(throttle.attempt(address(1), None).is_ok(), "a device of the owner is not limited");
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let throttle = Throttle::new();
        for n in 0..400_000_u32 {
            let _ = throttle.attempt(IpAddr::from(n.to_be_bytes()), Some(&format!("nobody{n}")));
        }
        let buckets = usize::try_from(BUCKETS).unwrap();
        assert!(throttle.accounts.len() <= buckets && throttle.addresses.len() <= buckets);
    }
}
